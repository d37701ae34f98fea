// A process's environment, addresses as proxies forward them, and the words of a command line: a line each.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/config/config.h"
#include "common/shop/channels.h"
#include "common/shop/currency.h"
#include "services/arastactl/arguments.h"
#include "services/auth/client_address.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

void ReadChannels(absl::string_view text) {
  const auto channels = shop::ParseChannels(text);
  if (!channels.ok()) return;
  Require(channels->contains(shop::kDefaultChannel), "who names no channel has one");
  for (const auto& [name, currency] : *channels)
    Require(shop::CurrencyExponent(currency).has_value(), "prices are in a currency");
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  const absl::string_view all = input.rest();
  const absl::string_view address = input.Line();
  fuzz::Require(!auth::ClientNetwork(address).empty(), "everybody is counted somewhere");
  config::Config::Environment environment = {{"ARASTA_PROFILE", "test"}};
  for (const char* name : {"ARASTA_TEXT", "ARASTA_NUMBER", "ARASTA_FLAG", "ARASTA_TIME", "ARASTA_SECRET"}) {
    environment[name] = std::string(input.Line());
  }
  // In no other value, which may be quoted.
  const bool marked = !absl::StrContains(all, "sesame");
  environment["ARASTA_SECRET"].insert(0, "sesame");
  config::Config config(environment, {});
  (void)config.String("ARASTA_TEXT", "", "a text");
  const int64_t number = config.Int("ARASTA_NUMBER", 5, 1, 10, "a number");
  fuzz::Require(number >= 1 && number <= 10, "a number is usable");
  (void)config.Bool("ARASTA_FLAG", false, "a flag");
  const absl::Duration time =
      config.Duration("ARASTA_TIME", absl::Seconds(5), absl::Seconds(1), absl::Seconds(10), "a time");
  fuzz::Require(time >= absl::Seconds(1) && time <= absl::Seconds(10), "a time is usable");
  (void)config.Secret("ARASTA_SECRET", "a secret", "default");
  const absl::Status problems = config.Finish();
  fuzz::ReadChannels(input.Line());
  (void)ctl::ParseArguments(absl::StrSplit(input.Line(), ' ', absl::SkipEmpty()));
  fuzz::Require(!marked || !absl::StrContains(problems.message(), "sesame"), "no secret is told");
  return 0;
}
