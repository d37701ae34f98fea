// What order reads from its environment.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/config/config.h"
#include "common/redis/redis.h"
#include "common/shop/channels.h"

namespace arasta::order {

struct OrderConfig {
  std::string database_url;
  std::string migration_database_url;
  // Connections; more than workers, as checkouts and captures use them too.
  int connections = 24;
  // Calls that need nothing but the database.
  int workers = 8;
  // Calls that wait for catalog and the payment provider rather than for the database.
  int checkout_threads = 64;
  int completer_threads = 8;
  redis::Options events_redis;
  std::string catalog_address;
  std::string page_token_key;
  shop::Channels channels;
  absl::Duration sandbox_slowness = absl::Seconds(3);
  bool sandbox_always_slow = false;
};

OrderConfig ReadOrderConfig(config::Config& config);

}  // namespace arasta::order
