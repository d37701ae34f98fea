#include "services/gateway/trusted_proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace arasta::gateway {
namespace {

constexpr size_t kMappedBits = 96;  // what an IPv4 address is preceded by
constexpr size_t kAddressBits = 128;

// All that x-forwarded-for says, the nearest last.
std::vector<absl::string_view> Hops(const HeaderBlock& fields) {
  std::vector<absl::string_view> hops;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != "x-forwarded-for") continue;
    for (const absl::string_view hop : absl::StrSplit(fields[i].value, ',')) {
      hops.push_back(absl::StripAsciiWhitespace(hop));
    }
  }
  return hops;
}

}  // namespace

bool TrustedProxies::ParseAddress(absl::string_view text, Address& address) {
  const std::string terminated(text);
  address.fill(0);
  address[10] = address[11] = 0xff;
  return inet_pton(AF_INET, terminated.c_str(), &address[12]) == 1 ||
         inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
}

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits('/', 1));
    Network network{};
    bool fine = ParseAddress(parts.first, network.address);
    network.bits = kAddressBits;
    if (fine && text.size() > parts.first.size()) {
      uint32_t bits = 0;
      const size_t before = parts.first.find(':') == absl::string_view::npos ? kMappedBits : 0;
      fine = absl::SimpleAtoi(parts.second, &bits) && before + bits <= kAddressBits;
      network.bits = before + bits;
    }
    if (!fine) return absl::InvalidArgumentError(absl::StrCat("no address and no network: ", text));
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool TrustedProxies::Trusts(const Address& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const size_t whole = network.bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, network.address.begin())) return false;
    const size_t rest = network.bits % 8;
    return rest == 0 || ((address[whole] ^ network.address[whole]) >> (8 - rest)) == 0;
  });
}

std::string TrustedProxies::ClientOf(const std::string& peer, const HeaderBlock& fields) const {
  Address address;
  if (networks_.empty() || !ParseAddress(peer, address) || !Trusts(address)) return peer;
  std::string client = peer;
  const std::vector<absl::string_view> hops = Hops(fields);
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    if (!ParseAddress(*hop, address)) break;
    client = std::string(*hop);
    if (!Trusts(address)) break;
  }
  return client;
}

}  // namespace arasta::gateway
