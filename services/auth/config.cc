#include "services/auth/config.h"

#include "common/auth/token_verifier.h"
#include "common/pg/urls.h"
#include "common/redis/settings.h"

namespace arasta::auth {
namespace {

constexpr size_t kShortestMasterKey = 32;

void ReadStores(config::Config& config, AuthConfig& settings) {
  settings.database_url = pg::ReadServingUrl(config);
  settings.migration_database_url = pg::ReadMigratingUrl(config);
  settings.workers = static_cast<int>(
      config.Int("ARASTA_DATABASE_CONNECTIONS", 8, 1, 256, "Database connections of the workers, one each"));
  settings.events_redis = redis::ReadOptions(config, "ARASTA_EVENTS_REDIS", "the event Redis");
  settings.cache_redis = redis::ReadOptions(config, "ARASTA_CACHE_REDIS", "the cache Redis");
  settings.master_key = config.Secret("ARASTA_AUTH_MASTER_KEY",
                                      "Seals signing keys and makes refresh tokens; at least 32 random bytes",
                                      "a public key for development only");
  if (!config.IsProduction() && settings.master_key.size() < kShortestMasterKey) {
    config.AddProblem("ARASTA_AUTH_MASTER_KEY is shorter than 32 bytes");
  }
}

void ReadHashing(config::Config& config, AuthConfig& settings) {
  const bool test = config.profile() == config::Profile::kTest;
  const HashParameters floor = test ? HashParameters{8, 1} : kWeakestParameters;
  settings.hash.memory_kib = config.Int("ARASTA_PASSWORD_MEMORY_KIB", settings.hash.memory_kib,
                                        floor.memory_kib, 1 << 20, "Memory of one Argon2id evaluation");
  settings.hash.passes = config.Int("ARASTA_PASSWORD_PASSES", settings.hash.passes, floor.passes, 10,
                                    "Passes of one Argon2id evaluation");
  settings.hashing_threads = static_cast<int>(
      config.Int("ARASTA_HASHING_THREADS", 0, 0, 256, "Evaluations at once; 0 means the usable cores"));
  settings.hashing_queue = static_cast<int>(
      config.Int("ARASTA_HASHING_QUEUE", 64, 1, 4096, "Evaluations waiting; more are refused"));
}

void ReadSessions(config::Config& config, AuthConfig& settings) {
  SessionPolicy& sessions = settings.sessions;
  const absl::Duration second = absl::Seconds(1), year = absl::Hours(365 * 24);
  sessions.access_token_life = config.Duration("ARASTA_ACCESS_TOKEN_LIFE", sessions.access_token_life, second,
                                               kMaxTokenLife, "How long an access token is good");
  sessions.absolute_life = config.Duration("ARASTA_SESSION_LIFE", sessions.absolute_life, second, year,
                                           "A session's longest life");
  sessions.idle_life = config.Duration("ARASTA_SESSION_IDLE_LIFE", sessions.idle_life, second, year,
                                       "A session's life without a refresh");
  sessions.grace =
      config.Duration("ARASTA_REFRESH_GRACE", sessions.grace, absl::ZeroDuration(), absl::Minutes(1),
                      "How long the last refresh token used may be used again");
  settings.keys.period = config.Duration("ARASTA_SIGNING_KEY_PERIOD", settings.keys.period, absl::Hours(1),
                                         year, "How long one key signs access tokens");
  settings.keys.lead = config.Duration("ARASTA_SIGNING_KEY_LEAD", settings.keys.lead, absl::Minutes(10),
                                       absl::Hours(30 * 24), "How long a key is published before it signs");
  if (settings.keys.lead >= settings.keys.period) {
    config.AddProblem("ARASTA_SIGNING_KEY_LEAD must be shorter than ARASTA_SIGNING_KEY_PERIOD");
  }
  settings.keys.linger = sessions.access_token_life + kTokenLeeway;
}

void ReadLimits(config::Config& config, AuthConfig& settings) {
  settings.limits.account.free_failures = static_cast<int>(config.Int(
      "ARASTA_LOGIN_FREE_FAILURES", 5, 1, 1000, "Failed logins to an account before the first wait"));
  settings.limits.network.free_failures = static_cast<int>(config.Int(
      "ARASTA_NETWORK_FREE_FAILURES", 20, 1, 100000, "Failed logins from a network before the first wait"));
  settings.default_locale =
      config.String("ARASTA_DEFAULT_LOCALE", "en", "BCP 47 language of those who name none");
}

}  // namespace

AuthConfig ReadAuthConfig(config::Config& config) {
  AuthConfig settings;
  ReadStores(config, settings);
  ReadHashing(config, settings);
  ReadSessions(config, settings);
  ReadLimits(config, settings);
  if (config.command() == "create-admin") {
    settings.admin_email = config.Required("ARASTA_EMAIL", "The administrator's e-mail address");
    settings.admin_password_file = config.Required(
        "ARASTA_PASSWORD_FILE", "Holds the administrator's password; made where it is absent");
  }
  return settings;
}

}  // namespace arasta::auth
