#include "common/redis/settings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/redis/address.h"

namespace arasta::redis {
namespace {

std::string MeaningOf(const std::string& which) {
  return absl::StrCat("host:port, rediss://host:port (TLS) or unix:/path of ", which);
}

// None of the problems quotes the address: who got it wrong may have put a password there.
void Check(config::Config& config, const std::string& name, const Options& options) {
  if (!options.user.empty() && options.password.empty()) {
    config.AddProblem(absl::StrCat(name, "_USER needs ", name, "_PASSWORD"));
  }
  if (options.address.empty()) return;
  const absl::optional<Address> address = Address::Parse(options.address);
  if (!address.has_value()) {
    config.AddProblem(absl::StrCat(name, " is not host:port, rediss://host:port or unix:/path; users and ",
                                   "passwords are for ", name, "_USER and ", name, "_PASSWORD"));
  } else if (config.IsProduction() && !address->is_local()) {
    if (!address->by_tls) {
      config.AddProblem(
          absl::StrCat(name, ": cleartext is for the profiles local and test; rediss:// is TLS"));
    }
    if (options.password.empty()) config.AddProblem(absl::StrCat(name, "_PASSWORD is needed in production"));
  }
}

Options ReadRest(config::Config& config, const std::string& name, std::string address) {
  Options options;
  options.address = std::move(address);
  options.authorities = config.File(absl::StrCat(name, "_CA"),
                                    "PEM file to check that Redis by; empty: the system's authorities");
  options.user =
      config.String(absl::StrCat(name, "_USER"), "", "Login at that Redis; empty: its default user");
  options.password = config.OptionalSecret(absl::StrCat(name, "_PASSWORD"), "Password of the login");
  Check(config, name, options);
  return options;
}

}  // namespace

Options ReadOptions(config::Config& config, const std::string& name, const std::string& which) {
  return ReadRest(config, name, config.Required(name, MeaningOf(which)));
}

Options ReadOptionalOptions(config::Config& config, const std::string& name, const std::string& which) {
  return ReadRest(config, name, config.String(name, "", MeaningOf(which)));
}

}  // namespace arasta::redis
