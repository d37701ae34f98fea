// arasta-notification serve | migrate
#include <memory>
#include <thread>
#include <vector>

#include "common/concurrency/worker_pool.h"
#include "common/events/consumer.h"
#include "common/events/dead_letters.h"
#include "common/events/feed_rpc.h"
#include "common/events/outbox.h"
#include "common/log/log.h"
#include "common/pg/migrations.h"
#include "common/pg/schema.h"
#include "common/rpc/process.h"
#include "notification_migrations.h"
#include "services/notification/config.h"
#include "services/notification/contact_client.h"
#include "services/notification/event_intake.h"
#include "services/notification/notification_rpc.h"
#include "services/notification/sender.h"

namespace arasta::notification {
namespace {

// Of its own tables, and of the rooms it uses.
std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::InboxMigration());
  migrations.push_back(events::InboxSharesMigration());
  return migrations;
}

int Migrate(const NotificationConfig& settings) {
  const absl::Status status = pg::Migrate(settings.migration_database_url, AllMigrations());
  if (!status.ok()) log::Error("failed", {{"error", status.ToString()}});
  return status.ok() ? 0 : 1;
}

int Serve(rpc::ProcessOptions options, const NotificationConfig& settings) {
  const std::string auth_address = options.auth_address;
  rpc::Process process(std::move(options));
  const std::unique_ptr<rpc::Channel> auth = process.Connect("auth", auth_address);
  const std::unique_ptr<rpc::Channel> order = process.Connect("order", settings.order_address);

  // Calls and background work don't take each other's connections: a full queue of mails slows no reader
  // down.
  pg::Pool pool({.conninfo = settings.database_url, .size = settings.workers});
  pg::Pool background_pool({.conninfo = settings.database_url, .size = settings.senders + 1});
  redis::Options events = settings.events_redis;
  events.size = 1;
  redis::Pool events_redis(events);

  const NotificationStore notifications(pool, RealClock());
  const DeliveryStore deliveries(pool);
  events::DeadLetters dead_letters(pool);
  const DeliveryStore queue(background_pool);
  const Renderer renderer(EmbeddedTemplates(), settings.from.name);
  ContactClient contacts(*auth, *order);

  NotificationService service(notifications, rpc::PageTokens(settings.page_token_secret));
  NotificationAdminService admin(deliveries, dead_letters, rpc::PageTokens(settings.page_token_secret));
  concurrency::WorkerPool workers("database", settings.workers, 4 * settings.workers);
  NotificationRpc rpc(process.server(), workers, service, admin);
  pg::Schema schema(pool, AllMigrations());
  process.admin().AddReadiness("database", [&] { return schema.Check(); });

  const EventIntake intake(notifications, renderer);
  events::RemoteFeed auth_feed(*auth);
  events::RemoteFeed order_feed(*order);
  events::Consumer consumer(
      {.consumer = "notification", .producers = {{"auth", &auth_feed}, {"order", &order_feed}}},
      background_pool, events_redis,
      [&](const Call& call, pqxx::work& tx, const events::v1::Envelope& event) {
        return intake.Apply(call, tx, event);
      });

  std::vector<std::jthread> background;
  background.emplace_back([&](std::stop_token stop) { consumer.Run(stop); });
  for (int i = 0; i < settings.senders; ++i) {
    background.emplace_back([&](std::stop_token stop) {
      Sender({.from_name = settings.from.name, .from = settings.from.address}, settings.smtp, queue, contacts,
             renderer, RealClock())
          .Run(stop);
    });
  }
  process.OnStop([&] {
    for (std::jthread& thread : background) thread.request_stop();
    background.clear();
  });
  return process.Serve();
}

int Main(int argc, char** argv) {
  config::Config config(argc, argv);
  rpc::ProcessOptions options = rpc::ReadProcessOptions(config, "notification");
  const NotificationConfig settings = ReadConfig(config);
  if (config.command() != "serve" && config.command() != "migrate") {
    config.AddProblem("commands are serve and migrate");
  }
  config.FinishOrExit();
  if (config.command() == "serve") return Serve(std::move(options), settings);
  log::Configure("notification", log::LevelFromName(options.log_level));
  return Migrate(settings);
}

}  // namespace
}  // namespace arasta::notification

int main(int argc, char** argv) {
  return arasta::notification::Main(argc, argv);
}
