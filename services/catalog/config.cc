#include "services/catalog/config.h"

#include "common/pg/urls.h"
#include "common/redis/settings.h"

namespace arasta::catalog {

CatalogConfig ReadCatalogConfig(config::Config& config) {
  CatalogConfig settings;
  settings.database_url = pg::ReadServingUrl(config);
  settings.migration_database_url = pg::ReadMigratingUrl(config);
  settings.workers =
      static_cast<int>(config.Int("ARASTA_DATABASE_CONNECTIONS", 8, 1, 100,
                                  "Calls of customers and staff at once; twice as many again of order"));
  settings.importers = static_cast<int>(config.Int("ARASTA_IMPORTERS", 2, 1, 16, "Bulk imports at once"));
  settings.events_redis = redis::ReadOptions(config, "ARASTA_EVENTS_REDIS", "the event Redis");
  settings.page_token_secret = config.Secret(
      "ARASTA_PAGE_TOKEN_SECRET", "Signs page tokens; the same on all replicas", "local-page-tokens");
  settings.channels = shop::ReadChannels(config);
  return settings;
}

}  // namespace arasta::catalog
