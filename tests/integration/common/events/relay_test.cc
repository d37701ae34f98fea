// The relay: dense sequences whatever commits late, and a Redis that is brought up to date whatever it lost.
#include "common/events/relay.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/common/events/event_bus.h"

namespace arasta::events {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class RelayTest : public ::testing::Test {
 protected:
  std::vector<redis::StreamEntry> Stream(int partition, absl::Duration block = absl::ZeroDuration()) {
    auto lists = redis::ReadStreams(bus_.redis, absl::Now() + absl::Seconds(20),
                                    {{StreamKey("shop", partition), 0}}, {.count = 10000, .block = block});
    EXPECT_THAT(lists, IsOk());
    return lists.ok() ? (*lists)[0] : std::vector<redis::StreamEntry>();
  }

  EventBus bus_;
};

TEST_F(RelayTest, CarriesTheWholeEvent) {
  const std::string aggregate = AggregateIn(3);
  bus_.Change(aggregate);
  auto relay = bus_.NewRelay();
  EXPECT_THAT(relay->RunOnce(), IsOkAndHolds(1));
  ASSERT_THAT(Stream(3), SizeIs(1));
  v1::Envelope event;
  ASSERT_TRUE(event.ParseFromString(Stream(3)[0].value));
  EXPECT_EQ(event.producer(), "shop");
  EXPECT_EQ(event.type(), "google.protobuf.StringValue");
  EXPECT_EQ(event.aggregate(), aggregate);
  EXPECT_EQ(event.aggregate_version(), 1);
  EXPECT_EQ(event.sequence(), 1);
  EXPECT_EQ(event.partition(), 3u);
  EXPECT_EQ(event.event_id(), bus_.shop.Value<std::string>("SELECT event_id FROM outbox"));
  EXPECT_EQ(event.incarnation(), bus_.shop.Value<std::string>("SELECT incarnation FROM outbox_relay"));
  EXPECT_FALSE(event.traceparent().empty());
  EXPECT_GT(event.create_time().seconds(), 0);
}

TEST_F(RelayTest, GivesACommitThatCameLateTheNextSequence) {
  pqxx::connection late_connection(bus_.shop.conninfo());
  pqxx::work late(late_connection);
  ASSERT_THAT(ChangeAggregate(late, testing::NobodyCall(), AggregateIn(2, 1)), IsOk());
  bus_.Change(AggregateIn(2, 2), 3);
  auto relay = bus_.NewRelay();
  EXPECT_THAT(relay->RunOnce(), IsOkAndHolds(3));
  late.commit();
  EXPECT_THAT(relay->RunOnce(), IsOkAndHolds(1));
  bus_.ExpectDense();
  EXPECT_THAT(Stream(2), SizeIs(4));
}

TEST_F(RelayTest, StaysDenseAndInOrderUnderConcurrentCommitters) {
  auto relay = bus_.NewRelay();
  {
    std::vector<std::jthread> committers;
    for (int i = 0; i < 4; ++i) {
      committers.emplace_back([&, i] {
        for (int n = 0; n < 40; ++n) bus_.Change(absl::StrCat("things/", (n + i) % 7));
      });
    }
    for (int i = 0; i < 50; ++i) ASSERT_THAT(relay->RunOnce(), IsOk());
  }
  while (relay->RunOnce().value() > 0) {
  }
  bus_.ExpectDense();
  EXPECT_EQ(bus_.shop.Value<int>("SELECT count(*) FROM outbox"), 160);
  EXPECT_EQ(bus_.shop.Value<int>(
                "SELECT count(*) FROM (SELECT aggregate_version - row_number() OVER (PARTITION BY aggregate "
                "ORDER BY sequence) AS off FROM outbox) AS orders WHERE off <> 0"),
            0);
  size_t streamed = 0;
  for (int partition = 0; partition < kPartitions; ++partition) streamed += Stream(partition).size();
  EXPECT_EQ(streamed, 160u);
}

TEST_F(RelayTest, ToleratesEventsThatAreInTheStreamAlready) {
  bus_.Change(AggregateIn(0), 3);
  ASSERT_THAT(bus_.NewRelay()->RunOnce(), IsOkAndHolds(3));
  // As after a crash between XADD and the record of it, with one entry lost in between.
  bus_.shop.Query("UPDATE outbox_partitions SET published = 0");
  ASSERT_THAT(bus_.redis.Command(absl::Now() + absl::Seconds(5), {"XDEL", StreamKey("shop", 0), "3-0"}),
              IsOk());
  ASSERT_THAT(bus_.NewRelay()->RunOnce(), IsOk());
  bus_.Change(AggregateIn(0));
  auto relay = bus_.NewRelay();
  ASSERT_THAT(relay->RunOnce(), IsOk());
  EXPECT_EQ(bus_.StreamEnds()[0], 4);
}

TEST_F(RelayTest, RecordsWhatACrashLeftUnrecorded) {
  bus_.Change(AggregateIn(0), 3);
  ASSERT_THAT(bus_.NewRelay()->RunOnce(), IsOkAndHolds(3));
  // As after a crash between XADD and the record of it. Nothing new is to be published.
  bus_.shop.Query("UPDATE outbox_partitions SET published = 0");
  ASSERT_THAT(bus_.NewRelay()->RunOnce(), IsOkAndHolds(0));
  // Only the outbox has them now, and shows no more than is recorded.
  bus_.FlushRedis();
  v1::ReplayEventsRequest request;
  request.set_from_sequence(1);
  const auto replayed = bus_.outbox_feed.ReplayEvents(testing::PeerCall("mail"), request);
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->events_size(), 3);
}

TEST_F(RelayTest, RefillsARedisThatLostEverything) {
  auto relay = bus_.NewRelay();
  bus_.Change(AggregateIn(1), 5);
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(5));
  bus_.FlushRedis();
  bus_.redis_server.Kill();
  bus_.Change(AggregateIn(1));
  auto& caught_up =
      metrics::NewGauge("arasta_events_relay_caught_up_timestamp_seconds", "", {{"producer", "shop"}});
  const double before = caught_up.Value();
  bus_.clock.Advance(absl::Seconds(1));
  EXPECT_FALSE(relay->RunOnce().ok());
  EXPECT_EQ(caught_up.Value(), before);
  bus_.redis_server.Start();
  EXPECT_THAT(relay->RunOnce(), IsOkAndHolds(6));
  EXPECT_EQ(caught_up.Value(), before + 1);
  EXPECT_THAT(Stream(1), SizeIs(6));
}

TEST_F(RelayTest, LetsOneReplicaLead) {
  bus_.Change(AggregateIn(0));
  auto first = bus_.NewRelay(), second = bus_.NewRelay();
  ASSERT_THAT(first->RunOnce(), IsOkAndHolds(1));
  bus_.Change(AggregateIn(0));
  EXPECT_THAT(second->RunOnce(), IsOkAndHolds(0));
  EXPECT_FALSE(second->leads());
  first.reset();
  bus_.clock.Advance(absl::Seconds(1));
  EXPECT_THAT(second->RunOnce(), IsOkAndHolds(1));
}

TEST_F(RelayTest, AZombieGivesNoSequences) {
  auto zombie = bus_.NewRelay();
  ASSERT_THAT(zombie->RunOnce(), IsOk());
  // Its session, and with it the lock, ended while it slept; another one leads.
  bus_.shop.KillSessions();
  auto leader = bus_.NewRelay();
  ASSERT_THAT(leader->RunOnce(), IsOk());
  ASSERT_TRUE(leader->leads());
  bus_.Change(AggregateIn(0));
  EXPECT_THAT(zombie->RunOnce(), HasReason("LEASE_LOST"));
  EXPECT_EQ(bus_.shop.Value<int>("SELECT count(*) FROM outbox WHERE sequence IS NULL"), 1);
  EXPECT_THAT(leader->RunOnce(), IsOkAndHolds(1));
  bus_.ExpectDense();
}

TEST_F(RelayTest, SaysThatRedisIsAwayUntilItIsBackAlthoughNothingHappens) {
  auto relay = bus_.NewRelay();
  ASSERT_THAT(relay->RunOnce(), IsOk());
  bus_.redis_server.Kill();
  bus_.clock.Advance(absl::Seconds(1));
  EXPECT_FALSE(relay->RunOnce().ok());
  EXPECT_FALSE(relay->RunOnce().ok());
  bus_.redis_server.Start();
  EXPECT_THAT(relay->RunOnce(), IsOk());
}

TEST_F(RelayTest, AZombieLearnsOfItAlthoughNothingHappens) {
  auto zombie = bus_.NewRelay();
  ASSERT_THAT(zombie->RunOnce(), IsOk());
  bus_.shop.KillSessions();
  auto leader = bus_.NewRelay();
  ASSERT_THAT(leader->RunOnce(), IsOk());
  bus_.clock.Advance(absl::Minutes(1));
  EXPECT_THAT(zombie->RunOnce(), HasReason("LEASE_LOST"));
  EXPECT_FALSE(zombie->leads());
  EXPECT_TRUE(leader->leads());
}

TEST_F(RelayTest, LeavesAtOnceWhenWokenEvenThroughAnotherReplica) {
  auto leader = bus_.NewRelay(), other = bus_.NewRelay();
  ASSERT_THAT(leader->RunOnce(), IsOk());
  std::jthread leading([&](std::stop_token stop) { leader->Run(stop); });
  std::jthread waiting([&](std::stop_token stop) { other->Run(stop); });
  bus_.Change(AggregateIn(5));
  other->Wake();
  EXPECT_THAT(Stream(5, absl::Seconds(10)), SizeIs(1));
}

TEST_F(RelayTest, TrimsWhatWasAddedAQuarterOfAnHourAgo) {
  auto relay = bus_.NewRelay();
  bus_.Change(AggregateIn(4), 3);
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(3));
  bus_.clock.Advance(absl::Minutes(10));
  bus_.Change(AggregateIn(4), 2);
  ASSERT_THAT(relay->RunOnce(), IsOkAndHolds(2));
  EXPECT_THAT(Stream(4), SizeIs(5));
  bus_.clock.Advance(absl::Minutes(6));
  ASSERT_THAT(relay->RunOnce(), IsOk());
  EXPECT_THAT(Stream(4), ElementsAre(::testing::Field(&redis::StreamEntry::sequence, 3),
                                     ::testing::Field(&redis::StreamEntry::sequence, 4),
                                     ::testing::Field(&redis::StreamEntry::sequence, 5)));
}

TEST_F(RelayTest, PrunesWhatIsOldAndReadByAll) {
  bus_.Change(AggregateIn(6), 4);
  bus_.Deliver();
  bus_.shop.Query("UPDATE outbox SET sequence_time = now() - interval '8 days' WHERE sequence <= 3");
  bus_.shop.Query("UPDATE outbox_consumers SET watermark = 2 WHERE partition = 6");
  ASSERT_THAT(bus_.NewRelay()->RunOnce(), IsOk());
  EXPECT_EQ(bus_.shop.Value<std::string>("SELECT array_agg(sequence ORDER BY sequence)::text FROM outbox"),
            "{3,4}");
  bus_.shop.Query("DELETE FROM outbox_consumers");
  ASSERT_THAT(bus_.NewRelay()->RunOnce(), IsOk());
  EXPECT_EQ(bus_.shop.Value<int>("SELECT count(*) FROM outbox"), 2);
  // A producer that nobody has to wait for keeps its events for seven days and no longer.
  Relay alone(bus_.shop.pool(), bus_.redis, bus_.clock, {.producer = "shop"});
  ASSERT_THAT(alone.RunOnce(), IsOk());
  EXPECT_EQ(bus_.shop.Value<std::string>("SELECT array_agg(sequence)::text FROM outbox"), "{4}");
}

}  // namespace
}  // namespace arasta::events
