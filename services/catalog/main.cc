// arasta-catalog serve | migrate
#include <thread>
#include <vector>

#include "catalog_migrations.h"
#include "common/events/feed_rpc.h"
#include "common/events/outbox.h"
#include "common/events/relay.h"
#include "common/jobs/lease.h"
#include "common/log/log.h"
#include "common/pg/migrations.h"
#include "common/pg/schema.h"
#include "common/rpc/process.h"
#include "services/catalog/catalog_rpc.h"
#include "services/catalog/config.h"
#include "services/catalog/stock_sweeper.h"

namespace arasta::catalog {
namespace {

// Of its own tables, and of the rooms it uses.
std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::OutboxMigration());
  migrations.push_back(jobs::LeaseMigration());
  return migrations;
}

int Migrate(const CatalogConfig& settings) {
  const absl::Status status = pg::Migrate(settings.migration_database_url, AllMigrations());
  if (!status.ok()) log::Error("migration failed", {{"error", status.ToString()}});
  return status.ok() ? 0 : 1;
}

int Serve(rpc::ProcessOptions options, const CatalogConfig& settings) {
  rpc::Process process(std::move(options));

  // Who buys a hot SKU waits for the commits of those before, so its lock is worth waiting for.
  // A connection for every thread that may want one: workers, checkout, the combiner's lanes, importers,
  // the relay's two, the sweeper.
  pg::Pool pool({.conninfo = settings.database_url,
                 .size = 3 * settings.workers + settings.importers + 3,
                 .lock_timeout = absl::Seconds(1)});
  redis::Pool events_redis(settings.events_redis);

  ProductStore products(pool);
  CategoryStore categories(pool);
  SearchStore search(pool);
  StockStore stock(pool);
  ReservationStore reservations(pool);
  ImportStore imports(pool);
  const rpc::PageTokens page_tokens(settings.page_token_secret);
  CatalogService catalog(products, categories, search, page_tokens);
  events::Relay relay(pool, events_redis, RealClock(), {.producer = "catalog"});
  CatalogAdminService admin(
      {products, categories, stock, imports, page_tokens, settings.channels, [&] { relay.Wake(); }});
  ReservationCombiner combiner(reservations, settings.workers);
  InventoryService inventory(products, reservations, combiner);
  events::EventFeed feed(pool, "catalog");

  concurrency::WorkerPool workers("catalog", settings.workers, 8 * settings.workers);
  concurrency::WorkerPool checkout("inventory", settings.workers, 32 * settings.workers);
  // Those who reserve wait for the combiner, not for a connection: many at once are its batches.
  concurrency::WorkerPool reservers("reserve", 8 * settings.workers, 32 * settings.workers);
  concurrency::WorkerPool importers("import", settings.importers, settings.importers);
  AddCatalogRpcs(process.server(), catalog, workers);
  AddCatalogAdminRpcs(process.server(), admin, workers, importers);
  AddInventoryRpcs(process.server(), inventory, checkout, reservers);
  events::RegisterEventFeed(process.server(), workers, feed);

  StockSweeper sweeper(pool, stock);
  std::jthread relay_thread([&](std::stop_token stop) { relay.Run(stop); });
  std::jthread sweeper_thread([&](std::stop_token stop) { sweeper.Run(stop); });
  process.OnStop([&] {
    relay_thread.request_stop();
    sweeper_thread.request_stop();
  });
  pg::Schema schema(pool, AllMigrations());
  process.admin().AddReadiness("database", [&] { return schema.Check(); });
  return process.Serve();
}

int Main(int argc, char** argv) {
  config::Config config(argc, argv);
  rpc::ProcessOptions options = rpc::ReadProcessOptions(config, "catalog");
  const CatalogConfig settings = ReadCatalogConfig(config);
  if (config.command() != "serve" && config.command() != "migrate") {
    config.AddProblem("commands are serve and migrate");
  }
  config.FinishOrExit();
  if (config.command() == "serve") return Serve(std::move(options), settings);
  log::Configure("catalog", log::LevelFromName(options.log_level));
  return Migrate(settings);
}

}  // namespace
}  // namespace arasta::catalog

int main(int argc, char** argv) {
  return arasta::catalog::Main(argc, argv);
}
