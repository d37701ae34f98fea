#include "tests/integration/common/events/event_bus.h"

#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/partition.h"
#include "google/protobuf/wrappers.pb.h"

namespace arasta::events {
namespace {

using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;

const std::vector<pg::Migration>& ShopSchema() {
  static const std::vector<pg::Migration> schema = {
      OutboxMigration(),
      {"0001_aggregates", "CREATE TABLE aggregates (name text PRIMARY KEY, version bigint)"}};
  return schema;
}

const std::vector<pg::Migration>& MailSchema() {
  static const std::vector<pg::Migration> schema = {
      InboxMigration(), InboxSharesMigration(), {"0001_effects", R"sql(
    CREATE TABLE effects (
      id bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, aggregate text, version bigint))sql"}};
  return schema;
}

}  // namespace

absl::Status ChangeAggregate(pqxx::work& tx, const Call& call, const std::string& aggregate) {
  const int64_t version = tx.exec_params1(
                                "INSERT INTO aggregates AS a VALUES ($1, 1) ON CONFLICT (name) DO UPDATE "
                                "SET version = a.version + 1 RETURNING version",
                                aggregate)[0]
                              .as<int64_t>();
  google::protobuf::StringValue payload;
  payload.set_value(absl::StrCat(aggregate, " ", version));
  Append(tx, call, {aggregate, version, payload});
  return absl::OkStatus();
}

absl::Status RecordEffect(pqxx::work& tx, const v1::Envelope& event) {
  tx.exec_params("INSERT INTO effects (event_id, aggregate, version) VALUES ($1, $2, $3)", event.event_id(),
                 event.aggregate(), event.aggregate_version());
  return absl::OkStatus();
}

std::string AggregateIn(int partition, int number) {
  for (int i = 0;; ++i) {
    const std::string name = absl::StrCat("things/", number, "-", i);
    if (PartitionOf(name) == partition) return name;
  }
}

EventBus::EventBus() : shop(ShopSchema()), mail(MailSchema()) {}

void EventBus::Change(const std::string& aggregate, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_THAT(pg::InTransaction(
                    shop.pool(), testing::NobodyCall(),
                    [&](pqxx::work& tx) { return ChangeAggregate(tx, testing::NobodyCall(), aggregate); }),
                IsOk());
  }
}

std::unique_ptr<Relay> EventBus::NewRelay() {
  return std::make_unique<Relay>(shop.pool(), redis, clock,
                                 RelayOptions{.producer = "shop", .consumers = {"mail"}});
}

std::unique_ptr<Consumer> EventBus::NewConsumer(const std::string& owner, Handler handler) {
  if (!handler)
    handler = [](const Call&, pqxx::work& tx, const v1::Envelope& event) { return RecordEffect(tx, event); };
  return std::make_unique<Consumer>(
      ConsumerOptions{.consumer = "mail", .producers = {{"shop", &feed}}, .owner = owner, .clock = &clock},
      mail.pool(), redis, std::move(handler));
}

void EventBus::Deliver(Relay& relay, Consumer& consumer) {
  // A round after the last that moved something is needed for what the heads alone can show, and one
  // for each delay that a failure may have set.
  for (int quiet = 0; quiet < 4;) {
    const absl::StatusOr<int> published = relay.RunOnce();
    v1::GetHeadsRequest request;
    absl::StatusOr<v1::Heads> heads = outbox_feed.GetHeads(testing::PeerCall("mail"), request);
    if (published.ok() && heads.ok()) consumer.OnHeads(*heads);
    const absl::StatusOr<int> applied = consumer.RunOnce();
    const bool moved = !published.ok() || !applied.ok() || *published > 0 || *applied > 0;
    quiet = moved ? 0 : quiet + 1;
    clock.Advance(absl::Seconds(2));
  }
}

void EventBus::Deliver() {
  auto relay = NewRelay();
  auto consumer = NewConsumer();
  Deliver(*relay, *consumer);
}

void EventBus::FlushRedis() {
  ASSERT_THAT(redis.Command(absl::Now() + absl::Seconds(5), {"FLUSHALL"}), IsOk());
}

std::vector<int64_t> EventBus::StreamEnds() {
  std::vector<std::string> keys;
  for (int partition = 0; partition < kPartitions; ++partition) keys.push_back(StreamKey("shop", partition));
  auto entries = redis::LastEntries(redis, absl::Now() + absl::Seconds(5), keys);
  EXPECT_THAT(entries, IsOk());
  std::vector<int64_t> ends;
  for (const redis::StreamEntry& entry : *entries) ends.push_back(entry.sequence);
  return ends;
}

void EventBus::ExpectEachAppliedOnceInOrder() {
  std::vector<std::string> committed, applied;
  for (const pqxx::row& row :
       shop.Query("SELECT event_id FROM outbox ORDER BY aggregate, aggregate_version")) {
    committed.push_back(row[0].as<std::string>());
  }
  for (const pqxx::row& row : mail.Query("SELECT event_id FROM effects ORDER BY aggregate, id")) {
    applied.push_back(row[0].as<std::string>());
  }
  EXPECT_THAT(applied, ::testing::ElementsAreArray(committed));
}

void EventBus::ExpectDense() {
  EXPECT_EQ(shop.Value<int>("SELECT count(*) FROM outbox WHERE sequence IS NULL"), 0);
  EXPECT_EQ(shop.Value<int>("SELECT count(*) FROM (SELECT partition FROM outbox GROUP BY partition "
                            "HAVING min(sequence) <> 1 OR max(sequence) <> count(*)) AS holes"),
            0);
}

}  // namespace arasta::events
