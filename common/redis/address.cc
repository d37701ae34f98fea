#include "common/redis/address.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace arasta::redis {
namespace {

constexpr int kLastPort = 65535;

}  // namespace

absl::optional<Address> Address::Parse(absl::string_view text) {
  Address address;
  if (absl::ConsumePrefix(&text, "unix:/")) {
    address.path = absl::StrCat("/", text);
    return address;
  }
  address.by_tls = absl::ConsumePrefix(&text, "rediss://");
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  address.host = std::string(parts.first);
  if (address.host.empty() || address.host.find_first_of("@/") != std::string::npos) return absl::nullopt;
  if (!absl::SimpleAtoi(parts.second, &address.port)) return absl::nullopt;
  if (address.port < 1 || address.port > kLastPort) return absl::nullopt;
  return address;
}

}  // namespace arasta::redis
