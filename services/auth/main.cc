// arasta-auth serve | migrate | create-admin --email E --password-file F
#include <thread>
#include <vector>

#include "auth_migrations.h"
#include "common/base/cores.h"
#include "common/concurrency/worker_pool.h"
#include "common/events/event_feed.h"
#include "common/events/feed_rpc.h"
#include "common/events/outbox.h"
#include "common/events/relay.h"
#include "common/log/log.h"
#include "common/pg/migrations.h"
#include "common/pg/schema.h"
#include "common/rpc/process.h"
#include "services/auth/auth_rpc.h"
#include "services/auth/config.h"
#include "services/auth/create_admin.h"
#include "services/auth/housekeeping.h"

namespace arasta::auth {
namespace {

int ExitCode(const absl::Status& status) {
  if (!status.ok()) log::Error("failed", {{"error", status.ToString()}});
  return status.ok() ? 0 : 1;
}

// Of its own tables, and of the rooms it uses.
std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::OutboxMigration());
  return migrations;
}

int Migrate(const AuthConfig& settings) {
  return ExitCode(pg::Migrate(settings.migration_database_url, AllMigrations()));
}

int CreateAdmin(const AuthConfig& settings) {
  pg::Pool pool({.conninfo = settings.database_url, .size = 1});
  UserStore users(pool, RealClock());
  const PasswordHasher hasher(settings.hash);
  const Call call = Call::Background("create-admin", absl::Now() + absl::Seconds(30));
  return ExitCode(CreateAdmin(call, users, hasher,
                              {settings.admin_email, settings.admin_password_file, settings.default_locale}));
}

int Serve(rpc::ProcessOptions options, const AuthConfig& settings) {
  const std::string issuer = options.issuer;
  rpc::Process process(std::move(options));
  const Clock& clock = RealClock();
  const int hashing_threads = settings.hashing_threads > 0 ? settings.hashing_threads : UsableCores();

  // A connection for every thread that may want one: workers, hashing, housekeeping.
  pg::Pool pool({.conninfo = settings.database_url, .size = settings.workers + hashing_threads + 1});
  pg::Pool relay_pool({.conninfo = settings.database_url, .size = 2});
  redis::Pool events_redis(settings.events_redis);
  redis::Options cache = settings.cache_redis;
  cache.size = hashing_threads;
  redis::Pool cache_redis(cache);

  UserStore users(pool, clock);
  SessionStore sessions(pool, settings.sessions, clock);
  const PasswordHasher hasher(settings.hash);
  AttemptLimiter limiter(cache_redis, DeriveKey(settings.master_key, "throttle"), settings.limits, clock);
  SigningKeyStore key_store(pool, settings.keys, clock);
  SigningKeys keys(key_store, SecretBox(DeriveKey(settings.master_key, "signing-keys")), issuer,
                   settings.keys, clock,
                   [&](KeySet published) { process.verifier().SetKeys(std::move(published)); });
  const RefreshTokenCodec refresh_tokens(DeriveKey(settings.master_key, "refresh-tokens"));
  const rpc::PageTokens page_tokens(DeriveKey(settings.master_key, "page-tokens"));
  events::Relay relay(relay_pool, events_redis, clock, {.producer = "auth", .consumers = {"notification"}});
  AuthService auth({users, sessions, hasher, limiter, keys, refresh_tokens, page_tokens, process.verifier(),
                    clock, [&] { relay.Wake(); }},
                   settings.sessions, settings.default_locale);

  // Long, as guests arrive in crowds; a queue that stands is shed whatever its length.
  concurrency::WorkerPool workers("database", settings.workers, 32 * settings.workers);
  concurrency::WorkerPool hashing("hashing", hashing_threads, settings.hashing_queue);
  AddAuthRpcs(process.server(), auth, workers, hashing);
  events::EventFeed feed(pool, "auth");
  events::RegisterEventFeed(process.server(), workers, feed);

  pg::Schema schema(pool, AllMigrations());
  process.admin().AddReadiness("database", [&] { return schema.Check(); });
  process.admin().AddReadiness("signing_keys", [&] { return keys.Current().status(); });
  Housekeeping housekeeping(keys, sessions);
  std::jthread housekeeping_thread([&](std::stop_token stop) { housekeeping.Run(stop); });
  std::jthread relay_thread([&](std::stop_token stop) { relay.Run(stop); });
  process.OnStop([&] {
    housekeeping_thread.request_stop();
    relay_thread.request_stop();
  });
  return process.Serve();
}

int Main(int argc, char** argv) {
  config::Config config(argc, argv);
  rpc::ProcessOptions options = rpc::ReadProcessOptions(config, "auth");
  const AuthConfig settings = ReadAuthConfig(config);
  if (config.command() != "serve" && config.command() != "migrate" && config.command() != "create-admin") {
    config.AddProblem("commands are serve, migrate and create-admin");
  }
  config.FinishOrExit();
  if (config.command() == "serve") return Serve(std::move(options), settings);
  log::Configure("auth", log::LevelFromName(options.log_level));
  return config.command() == "migrate" ? Migrate(settings) : CreateAdmin(settings);
}

}  // namespace
}  // namespace arasta::auth

int main(int argc, char** argv) {
  return arasta::auth::Main(argc, argv);
}
