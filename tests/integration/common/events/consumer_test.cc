// The consumer: each event once, in order, whatever Redis, peers, replicas and single events do.
#include "common/events/consumer.h"

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/events/dead_letters.h"
#include "tests/integration/common/events/event_bus.h"

namespace arasta::events {
namespace {

using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::NobodyCall;
using ::testing::SizeIs;

class ConsumerTest : public ::testing::Test {
 protected:
  void Delete(int partition, const std::string& id) {
    ASSERT_THAT(
        bus_.redis.Command(absl::Now() + absl::Seconds(5), {"XDEL", StreamKey("shop", partition), id}),
        IsOk());
  }
  std::string Effects(const std::string& aggregate) {
    return bus_.mail.Value<std::string>(
        absl::StrCat("SELECT coalesce(string_agg(version::text, ' ' ORDER BY id), '') FROM effects "
                     "WHERE aggregate = '",
                     aggregate, "'"));
  }
  // How many partitions each replica holds: "first 4, second 4".
  std::string Shares() {
    return bus_.mail.Value<std::string>(
        "SELECT string_agg(owner || ' ' || held, ', ' ORDER BY owner) "
        "FROM (SELECT owner, count(*) AS held FROM event_partitions GROUP BY owner) AS shares");
  }
  static double Gauge(const std::string& name) {
    return metrics::NewGauge(name, "", {{"consumer", "mail"}}).Value();
  }
  int Count(const std::string& table) { return bus_.mail.Value<int>("SELECT count(*) FROM " + table); }

  EventBus bus_;
};

TEST_F(ConsumerTest, AppliesEachEventOnceInOrder) {
  for (int i = 0; i < 10; ++i) bus_.Change(absl::StrCat("things/", i % 4), 5);
  bus_.Deliver();
  bus_.Deliver();
  EXPECT_EQ(Count("effects"), 50);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, LosesNothingWhenRedisIsFlushedAtAnyTime) {
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer();
  bus_.FlushRedis();
  for (int i = 0; i < 12; ++i) {
    for (int n = 0; n < 5; ++n) bus_.Change(absl::StrCat("things/", n), 2);
    ASSERT_THAT(relay->RunOnce(), IsOk());
    if (i % 3 == 0) bus_.FlushRedis();
    ASSERT_THAT(consumer->RunOnce(), IsOk());
    if (i % 4 == 1) bus_.FlushRedis();
  }
  bus_.FlushRedis();
  bus_.Deliver(*relay, *consumer);
  EXPECT_EQ(Count("effects"), 120);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, ReplaysAGap) {
  auto relay = bus_.NewRelay();
  bus_.Change(AggregateIn(2), 6);
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(6));
  auto consumer = bus_.NewConsumer();
  bus_.Deliver(*relay, *consumer);
  bus_.Change(AggregateIn(2), 3);
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(3));
  Delete(2, "7-0");
  const int replays = bus_.feed.replays;
  EXPECT_THAT(consumer->RunOnce(), IsOkAndHolds(3));
  EXPECT_GT(bus_.feed.replays, replays);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, AProducerThatHangsDelaysOnlyWhatMustBeReplayed) {
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer();
  bus_.Change(AggregateIn(0));
  bus_.Change(AggregateIn(1));
  bus_.Deliver(*relay, *consumer);
  bus_.Change(AggregateIn(0), 2);
  bus_.Change(AggregateIn(1), 2);
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(4));
  Delete(0, "2-0");
  bus_.feed.hang = [&] { bus_.clock.Advance(absl::Seconds(5)); };
  EXPECT_THAT(consumer->RunOnce(), IsOkAndHolds(2));
  EXPECT_EQ(Effects(AggregateIn(1)), "1 2 3");
  bus_.feed.hang = nullptr;
  bus_.Deliver(*relay, *consumer);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, ReadsWithoutTheProducerWhenNothingIsMissing) {
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer();
  bus_.Change(AggregateIn(2));
  bus_.Deliver(*relay, *consumer);
  const int replays = bus_.feed.replays;
  bus_.Change(AggregateIn(2), 10);
  bus_.Deliver(*relay, *consumer);
  EXPECT_EQ(bus_.feed.replays, replays);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, ParksThePoisonedAggregateWhileOthersGoOn) {
  const std::string poisoned = AggregateIn(1, 1), healthy = AggregateIn(1, 2);
  bool cured = false;
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer("first", [&](const Call&, pqxx::work& tx, const v1::Envelope& event) {
    RecordEffect(tx, event).IgnoreError();
    if (!cured && event.aggregate() == poisoned && event.aggregate_version() == 2) {
      return Error(absl::StatusCode::kInvalidArgument, "MISSING_VARIABLE", "secret@example.org");
    }
    return absl::OkStatus();
  });
  for (int i = 0; i < 4; ++i) {
    bus_.Change(poisoned);
    bus_.Change(healthy);
  }
  bus_.Deliver(*relay, *consumer);
  EXPECT_EQ(Effects(healthy), "1 2 3 4");
  EXPECT_EQ(Effects(poisoned), "1");

  DeadLetters letters(bus_.mail.pool());
  auto list = letters.List(NobodyCall(), 0, 10);
  ASSERT_THAT(list, IsOkAndHolds(SizeIs(3)));
  EXPECT_EQ(Gauge("arasta_events_dead_letters"), 3);
  EXPECT_EQ((*list)[0].attempts, PartitionReader::kMaxFailures);
  EXPECT_EQ((*list)[0].last_error, "INVALID_ARGUMENT: MISSING_VARIABLE");
  EXPECT_EQ((*list)[0].aggregate_version, 2);

  // Tried again in vain, it stays first; cured, all follow in order, and the aggregate is free again.
  ASSERT_THAT(letters.Redrive(NobodyCall(), {(*list)[1].event_id}), IsOkAndHolds(3));
  bus_.Deliver(*relay, *consumer);
  EXPECT_EQ(Effects(poisoned), "1");
  EXPECT_EQ(bus_.mail.Value<int>("SELECT max(attempts) FROM dead_letters"), 6);
  cured = true;
  ASSERT_THAT(letters.Redrive(NobodyCall(), {(*list)[0].event_id}), IsOkAndHolds(3));
  bus_.Change(poisoned);
  bus_.Deliver(*relay, *consumer);
  EXPECT_EQ(Effects(poisoned), "1 2 3 4 5");
  EXPECT_EQ(Count("dead_letters"), 0);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, WaitsWhileAPeerIsAwayWithoutParkingAnything) {
  int refusals = 20;
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer("first", [&](const Call&, pqxx::work& tx, const v1::Envelope& event) {
    if (refusals > 0 && event.aggregate_version() == 2 && refusals--) return absl::UnavailableError("peer");
    return RecordEffect(tx, event);
  });
  bus_.Change("things/1", 4);
  for (int i = 0; i < 60; ++i) {
    ASSERT_THAT(relay->RunOnce(), IsOk());
    ASSERT_THAT(consumer->RunOnce(), IsOk());
    bus_.clock.Advance(absl::Seconds(2));
  }
  EXPECT_EQ(refusals, 0);
  EXPECT_EQ(Count("dead_letters"), 0);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, TellsSinceWhenItIsBehind) {
  bool away = false;
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer("first", [&](const Call&, pqxx::work& tx, const v1::Envelope& event) {
    return away ? absl::UnavailableError("peer") : RecordEffect(tx, event);
  });
  auto caught_up = [] {
    return absl::FromUnixSeconds(
        static_cast<int64_t>(Gauge("arasta_events_consumer_caught_up_timestamp_seconds")));
  };
  bus_.Change("things/1");
  bus_.Deliver(*relay, *consumer);
  const absl::Time before = caught_up();
  EXPECT_LT(bus_.clock.Now() - before, absl::Seconds(10));

  away = true;
  bus_.Change("things/1");
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(1));
  for (int i = 0; i < 20; ++i) {
    bus_.clock.Advance(absl::Seconds(1));
    ASSERT_THAT(consumer->RunOnce(), IsOkAndHolds(0));
  }
  EXPECT_LT(caught_up() - before, absl::Seconds(2));

  away = false;
  bus_.Deliver(*relay, *consumer);
  EXPECT_GT(caught_up() - before, absl::Seconds(20));
}

TEST_F(ConsumerTest, AZombieWritesNothing) {
  auto relay = bus_.NewRelay();
  auto heir = bus_.NewConsumer("heir");
  int handled = 0;
  auto zombie = bus_.NewConsumer("zombie", [&](const Call&, pqxx::work& tx, const v1::Envelope& event) {
    // It sleeps in the middle of an event; its leases run out and another replica takes over.
    if (++handled == 2) {
      bus_.mail.Query("UPDATE event_partitions SET lease_expire_time = now() - interval '1 s'");
      EXPECT_THAT(heir->RunOnce(), IsOk());
    }
    return RecordEffect(tx, event);
  });
  bus_.Change(AggregateIn(0, 1));
  bus_.Deliver(*relay, *zombie);
  ASSERT_EQ(handled, 1);
  bus_.Change(AggregateIn(0, 2));
  bus_.Change(AggregateIn(0, 3));
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(2));
  EXPECT_THAT(zombie->RunOnce(), IsOkAndHolds(0));
  EXPECT_EQ(Count("effects"), 1);
  bus_.Deliver(*relay, *heir);
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, ReplicasThatKeepTakingOverApplyEachEventOnce) {
  for (int i = 0; i < 30; ++i) bus_.Change(absl::StrCat("things/", i % 6), 5);
  auto relay = bus_.NewRelay();
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(150));
  {
    std::vector<std::jthread> replicas;
    for (const char* owner : {"first", "second", "third"}) {
      replicas.emplace_back([&, owner] {
        // A consumer with no clock of its own sees its lease as fresh, as one that slept does.
        auto consumer = bus_.NewConsumer(owner);
        for (int i = 0; i < 200 && Count("effects") < 150; ++i) {
          bus_.mail.Query(
              "UPDATE event_partitions SET lease_expire_time = now() - interval '1 s' "
              "WHERE (producer, partition) IN (SELECT producer, partition FROM event_partitions "
              "WHERE random() < 0.5 ORDER BY producer, partition FOR UPDATE)");
          consumer->RunOnce().IgnoreError();
          bus_.clock.Advance(absl::Seconds(1));
        }
      });
    }
  }
  bus_.Deliver();
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, ReplicasShareThePartitionsAndADeadOnesAreTaken) {
  auto relay = bus_.NewRelay();
  std::map<std::string, std::unique_ptr<Consumer>> replicas;
  // Time for every replica to renew its leases three times.
  const auto pass = [&] {
    for (int i = 0; i < 3; ++i) {
      for (int partition = 0; partition < 8; ++partition) bus_.Change(AggregateIn(partition));
      ASSERT_THAT(relay->RunOnce(), IsOk());
      for (auto& [owner, consumer] : replicas) ASSERT_THAT(consumer->RunOnce(), IsOk());
      bus_.clock.Advance(absl::Seconds(4));
    }
  };
  replicas["first"] = bus_.NewConsumer("first");
  pass();
  EXPECT_EQ(Shares(), "first 8");
  replicas["second"] = bus_.NewConsumer("second");
  pass();
  EXPECT_EQ(Shares(), "first 4, second 4");
  replicas["third"] = bus_.NewConsumer("third");
  pass();
  EXPECT_EQ(Shares(), "first 3, second 3, third 2");

  // Dead: nobody renews its leases, and the database's clock runs on.
  replicas.erase("first");
  pass();
  EXPECT_EQ(Shares(), "first 3, second 3, third 2") << "before its leases end";
  for (const char* table : {"event_partitions", "event_replicas"}) {
    bus_.mail.Query(absl::StrCat("UPDATE ", table,
                                 " SET lease_expire_time = now() - interval '1 s' WHERE owner = 'first'"));
  }
  pass();
  EXPECT_EQ(Shares(), "second 4, third 4");
  bus_.ExpectEachAppliedOnceInOrder();
}

TEST_F(ConsumerTest, ParksAPoisonedEventAlthoughEachReplicaDiesOfItSoon) {
  auto relay = bus_.NewRelay();
  bus_.Change("things/1", 2);
  ASSERT_THAT(relay->RunOnce(), IsOk());
  int tries = 0;
  for (; tries < 10 && Count("dead_letters") == 0; ++tries) {
    // The same owner each time: the lease of the one that died needn't run out.
    auto consumer = bus_.NewConsumer("worker", [&](const Call&, pqxx::work& tx, const v1::Envelope& event) {
      return event.aggregate_version() == 1 ? absl::InvalidArgumentError("poison") : RecordEffect(tx, event);
    });
    for (int i = 0; i < 2; ++i) ASSERT_THAT(consumer->RunOnce(), IsOk());
  }
  EXPECT_EQ(tries, PartitionReader::kMaxFailures);
  EXPECT_EQ(bus_.mail.Value<int>("SELECT max(attempts) FROM dead_letters"), PartitionReader::kMaxFailures);
}

TEST_F(ConsumerTest, BeginsWithWhatIsLeftWhenItIsNew) {
  bus_.Change(AggregateIn(3), 5);
  ASSERT_THAT(bus_.NewRelay()->RunOnce(), IsOk());
  bus_.shop.Query("DELETE FROM outbox WHERE sequence <= 2");
  bus_.FlushRedis();
  bus_.clock.Advance(absl::Seconds(1));
  bus_.Deliver();
  EXPECT_EQ(Effects(AggregateIn(3)), "3 4 5");
}

TEST_F(ConsumerTest, MeetsARestoredProducerAgainAndTellsEventsByTheirIds) {
  const std::string aggregate = AggregateIn(4);
  auto consumer = bus_.NewConsumer();
  bus_.Change(aggregate, 5);
  bus_.Deliver(*bus_.NewRelay(), *consumer);
  ASSERT_EQ(Effects(aggregate), "1 2 3 4 5");
  // The backup was made after the third event; the shop went on with two others, 4' and 5'.
  bus_.shop.Query(
      "DELETE FROM outbox WHERE sequence > 3; UPDATE aggregates SET version = 3;"
      "UPDATE outbox_partitions SET published = 3, head = 3 WHERE head > 0");
  bus_.Change(aggregate, 2);
  bus_.clock.Advance(absl::Seconds(1));
  bus_.Deliver(*bus_.NewRelay(), *consumer);
  EXPECT_EQ(Effects(aggregate), "1 2 3 4 5 4 5");
  EXPECT_EQ(bus_.mail.Value<int>("SELECT count(DISTINCT event_id) FROM effects"), 7);
}

TEST_F(ConsumerTest, ReportsItsWatermarks) {
  bus_.Change(AggregateIn(0), 3);
  bus_.Change(AggregateIn(7), 2);
  bus_.Deliver();
  EXPECT_EQ(bus_.shop.Value<std::string>("SELECT string_agg(watermark::text, ' ' ORDER BY partition) "
                                         "FROM outbox_consumers WHERE consumer = 'mail'"),
            "3 0 0 0 0 0 0 2");
}

TEST_F(ConsumerTest, RunsByItselfUntilStopped) {
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer();
  {
    std::jthread relaying([&](std::stop_token stop) { relay->Run(stop); });
    std::jthread consuming([&](std::stop_token stop) { consumer->Run(stop); });
    for (int i = 0; i < 20; ++i) bus_.Change(absl::StrCat("things/", i));
    bus_.FlushRedis();
    for (int i = 0; i < 20; ++i) bus_.Change(absl::StrCat("things/", i));
    relay->Wake();
    for (int i = 0; i < 1000 && Count("effects") < 40; ++i) bus_.clock.Advance(absl::Seconds(1));
  }
  bus_.ExpectEachAppliedOnceInOrder();
  EXPECT_EQ(bus_.mail.Value<int>("SELECT count(*) FROM event_partitions WHERE owner <> ''"), 0);
}

}  // namespace
}  // namespace arasta::events
