#include "common/pg/urls.h"

#include <libpq-fe.h>

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace arasta::pg {
namespace {

constexpr char kServing[] = "ARASTA_DATABASE_URL";
constexpr char kMigrating[] = "ARASTA_MIGRATION_DATABASE_URL";

// There may be a password in it, which no problem and no printed configuration repeats.
std::string Checked(config::Config& config, const char* name, std::string url) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
  if (options == nullptr) {
    config.AddProblem(absl::StrCat(name, " is no conninfo of libpq, such as dbname=shop user=server"));
  }
  for (const PQconninfoOption* each = options.get(); each != nullptr && each->keyword != nullptr; ++each) {
    if (absl::EndsWith(each->keyword, "password") && each->val != nullptr) config.Redact(name);
  }
  return url;
}

}  // namespace

std::string ReadServingUrl(config::Config& config) {
  return Checked(config, kServing, config.Required(kServing, "libpq conninfo of the serving role"));
}

std::string ReadMigratingUrl(config::Config& config) {
  std::string url = config.String(kMigrating, "", "libpq conninfo of the migrating role, for migrate");
  if (config.command() == "migrate" && url.empty()) {
    config.AddProblem(absl::StrCat(kMigrating, " is needed to migrate"));
  }
  return Checked(config, kMigrating, std::move(url));
}

}  // namespace arasta::pg
