// arasta-order serve | migrate
#include <thread>
#include <vector>

#include "common/concurrency/worker_pool.h"
#include "common/events/event_feed.h"
#include "common/events/feed_rpc.h"
#include "common/events/outbox.h"
#include "common/events/relay.h"
#include "common/log/log.h"
#include "common/pg/migrations.h"
#include "common/pg/schema.h"
#include "common/rpc/process.h"
#include "order_migrations.h"
#include "services/order/catalog_rpc_client.h"
#include "services/order/completer.h"
#include "services/order/config.h"
#include "services/order/housekeeping.h"
#include "services/order/order_rpc.h"
#include "services/order/sandbox_provider.h"
#include "services/order/traced_provider.h"

namespace arasta::order {
namespace {

// Connections of the relay: one holds its lock, one works.
constexpr int kRelayConnections = 2;
// Checkouts wait for peers most of the time, so there are more of them than connections.
constexpr absl::Duration kConnectionWait = absl::Seconds(1);
// What decided orders wait in for their capture; more are found again when their lease runs out.
constexpr size_t kLeftOver = 512;

// Of its own tables, and of the rooms it uses.
std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::OutboxMigration());
  return migrations;
}

int Migrate(const OrderConfig& settings) {
  const absl::Status migrated = pg::Migrate(settings.migration_database_url, AllMigrations());
  if (!migrated.ok()) log::Error("failed", {{"error", migrated.ToString()}});
  return migrated.ok() ? 0 : 1;
}

int Serve(rpc::ProcessOptions options, const OrderConfig& settings) {
  rpc::Process process(std::move(options));
  pg::Pool pool({.conninfo = settings.database_url,
                 .size = settings.connections + kRelayConnections,
                 .acquire_wait = kConnectionWait});
  redis::Pool events_redis(settings.events_redis);
  const auto catalog_channel = process.Connect("catalog", settings.catalog_address);

  CartStore carts(pool);
  OrderStore orders(pool);
  SagaStore sagas(pool);
  SandboxStore sandbox_book(pool);
  CatalogRpcClient catalog(*catalog_channel);
  SandboxProvider sandbox(sandbox_book, settings.sandbox_slowness, settings.sandbox_always_slow);
  TracedProvider payments(sandbox, "sandbox");

  events::Relay relay(pool, events_redis, RealClock(), {.producer = "order", .consumers = {"notification"}});
  events::EventFeed feed(pool, "order");
  OrderWatches watches(orders);
  Doorbell doorbell;
  LeaseQueue left_over(kLeftOver);
  Checkout checkout({.orders = orders,
                     .sagas = sagas,
                     .catalog = catalog,
                     .payments = payments,
                     .doorbell = doorbell,
                     .left_over = left_over,
                     .on_move = [&](const OrderId& id) {
                       watches.Changed(id);
                       relay.Wake();
                     }});
  Completer completer(checkout, sagas, left_over);
  Housekeeping housekeeping(sagas, carts);

  const rpc::PageTokens page_tokens(settings.page_token_key);
  CartService cart_service(carts, catalog, settings.channels);
  OrderService order_service(
      {carts, orders, sagas, catalog, settings.channels, checkout, watches, page_tokens});
  concurrency::WorkerPool workers("database", settings.workers, 4 * settings.workers);
  concurrency::WorkerPool checkout_workers("checkout", settings.checkout_threads,
                                           4 * settings.checkout_threads);
  AddOrderRpcs(process.server(), cart_service, order_service, workers, checkout_workers);
  events::RegisterEventFeed(process.server(), workers, feed);

  pg::Schema schema(pool, AllMigrations());
  process.admin().AddReadiness("database", [&] { return schema.Check(); });
  watches.Start();
  completer.Start(settings.completer_threads);
  std::jthread relay_thread([&](std::stop_token stop) { relay.Run(stop); });
  std::jthread housekeeping_thread([&](std::stop_token stop) { housekeeping.Run(stop); });
  process.OnStop([&] { relay_thread = std::jthread(); });
  process.OnStop([&] { completer.Stop(); });
  return process.Serve();
}

int Main(int argc, char** argv) {
  config::Config config(argc, argv);
  rpc::ProcessOptions options = rpc::ReadProcessOptions(config, "order");
  const OrderConfig settings = ReadOrderConfig(config);
  if (config.command() != "serve" && config.command() != "migrate") {
    config.AddProblem("commands are serve and migrate");
  }
  config.FinishOrExit();
  if (config.command() == "serve") return Serve(std::move(options), settings);
  log::Configure("order", log::LevelFromName(options.log_level));
  return Migrate(settings);
}

}  // namespace
}  // namespace arasta::order

int main(int argc, char** argv) {
  return arasta::order::Main(argc, argv);
}
