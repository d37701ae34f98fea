// A relay or a consumer as a process of its own, for tests that kill it: ARASTA_CRASH_POINT says where.
//   bus_worker relay|consumer SHOP_CONNINFO MAIL_CONNINFO REDIS_ADDRESS
// Works for a while through what there is and exits 0, if it lives.
#include <string>

#include "absl/time/clock.h"
#include "common/events/consumer.h"
#include "common/events/event_feed.h"
#include "common/events/relay.h"
#include "common/pg/pool.h"
#include "common/redis/redis.h"
#include "tests/integration/common/events/event_bus.h"

namespace arasta::events {
namespace {

constexpr int kRounds = 5;

int Work(const std::string& role, const std::string& shop, const std::string& mail,
         const std::string& address) {
  pg::Pool shop_pool({.conninfo = shop}), mail_pool({.conninfo = mail});
  redis::Pool redis({.address = address});
  EventFeed outbox(shop_pool, "shop");
  LocalFeed feed(outbox);
  FakeClock clock;
  Relay relay(shop_pool, redis, clock, {.producer = "shop"});
  // The same owner each time: the lease of a process that died needn't run out for the test to go on.
  Consumer consumer(
      {.consumer = "mail", .producers = {{"shop", &feed}}, .owner = "worker", .clock = &clock}, mail_pool,
      redis, [](const Call&, pqxx::work& tx, const v1::Envelope& event) { return RecordEffect(tx, event); });
  for (int round = 0; round < kRounds; ++round) {
    const absl::Status status = role == "relay" ? relay.RunOnce().status() : consumer.RunOnce().status();
    if (!status.ok()) return 1;
    clock.Advance(absl::Seconds(1));
  }
  return 0;
}

}  // namespace
}  // namespace arasta::events

int main(int argc, char** argv) {
  return argc == 5 ? arasta::events::Work(argv[1], argv[2], argv[3], argv[4]) : 2;
}
