// What auth reads from its environment.
#pragma once

#include <string>

#include "common/config/config.h"
#include "common/redis/redis.h"
#include "services/auth/attempt_limiter.h"
#include "services/auth/key_schedule.h"
#include "services/auth/password_hasher.h"
#include "services/auth/rotation.h"

namespace arasta::auth {

struct AuthConfig {
  std::string database_url;
  std::string migration_database_url;
  int workers = 8;
  redis::Options events_redis;
  redis::Options cache_redis;
  // All other keys of auth are derived from it (secret_box.h).
  std::string master_key;
  std::string default_locale;
  HashParameters hash;
  // 0: as many as there are cores.
  int hashing_threads = 0;
  int hashing_queue = 64;
  SessionPolicy sessions;
  KeyPolicy keys;
  LimiterPolicy limits;
  // Of `create-admin`.
  std::string admin_email;
  std::string admin_password_file;
};

AuthConfig ReadAuthConfig(config::Config& config);

}  // namespace arasta::auth
