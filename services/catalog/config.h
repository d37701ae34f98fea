// What catalog reads from its environment.
#pragma once

#include <string>

#include "common/config/config.h"
#include "common/redis/redis.h"
#include "common/shop/channels.h"

namespace arasta::catalog {

struct CatalogConfig {
  std::string database_url;
  std::string migration_database_url;
  // Of the storefront and staff; order has as many, and as many lanes of reservations.
  int workers = 8;
  int importers = 2;
  redis::Options events_redis;
  std::string page_token_secret;
  shop::Channels channels;
};

CatalogConfig ReadCatalogConfig(config::Config& config);

}  // namespace arasta::catalog
