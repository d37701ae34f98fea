#include "services/order/config.h"

#include "absl/strings/str_cat.h"
#include "common/pg/urls.h"
#include "common/redis/settings.h"
#include "common/rpc/process.h"

namespace arasta::order {
namespace {

constexpr char kSandbox[] = "sandbox";

// The only one so far. It moves no money, so nobody opens a shop with it by forgetting to say.
void CheckPaymentProvider(config::Config& config) {
  const std::string provider =
      config.String("ARASTA_PAYMENT_PROVIDER", config.IsProduction() ? "" : kSandbox,
                    "Who moves the money; sandbox moves none, which production has to ask for");
  if (provider.empty()) {
    config.AddProblem(
        "ARASTA_PAYMENT_PROVIDER is required: a shop in production says who takes its money, even where that "
        "is sandbox, which moves none");
  } else if (provider != kSandbox) {
    config.AddProblem(absl::StrCat("ARASTA_PAYMENT_PROVIDER=", provider, " is not sandbox"));
  }
}

}  // namespace

OrderConfig ReadOrderConfig(config::Config& config) {
  OrderConfig settings;
  settings.database_url = pg::ReadServingUrl(config);
  settings.migration_database_url = pg::ReadMigratingUrl(config);
  settings.connections = static_cast<int>(config.Int("ARASTA_DATABASE_CONNECTIONS", 24, 1, 256,
                                                     "Database connections, of workers and checkouts"));
  settings.workers = static_cast<int>(
      config.Int("ARASTA_DATABASE_WORKERS", 8, 1, 256, "Calls at once that need nothing but the database"));
  settings.checkout_threads = static_cast<int>(config.Int(
      "ARASTA_CHECKOUT_THREADS", 64, 1, 1024, "Checkouts at once; they wait for catalog and the provider"));
  settings.completer_threads = static_cast<int>(
      config.Int("ARASTA_COMPLETER_THREADS", 8, 1, 256, "Captures and compensations at once"));
  settings.events_redis = redis::ReadOptions(config, "ARASTA_EVENTS_REDIS", "the event Redis");
  settings.catalog_address = rpc::ReadPeerAddress(config, "catalog");
  settings.page_token_key =
      config.Secret("ARASTA_PAGE_TOKEN_SECRET", "Signs page tokens; the same on every replica",
                    "a public key for development only");
  settings.channels = shop::ReadChannels(config);
  CheckPaymentProvider(config);
  settings.sandbox_slowness =
      config.Duration("ARASTA_SANDBOX_SLOWNESS", absl::Seconds(3), absl::ZeroDuration(), absl::Minutes(1),
                      "How long the sandbox provider takes for tok_slow");
  settings.sandbox_always_slow =
      config.Bool("ARASTA_SANDBOX_ALWAYS_SLOW", false, "Whether it takes that long for everything");
  return settings;
}

}  // namespace arasta::order
