// Who a client is that comes through proxies: what x-forwarded-for says, as far as those who said it are
// trusted.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/header_block.h"

namespace arasta::gateway {

// Immutable.
class TrustedProxies {
 public:
  // Trusts nobody.
  TrustedProxies() = default;
  // Addresses and networks: "10.0.0.0/8", "fd00::/8", "192.0.2.7". INVALID_ARGUMENT quotes what is none.
  static absl::StatusOr<TrustedProxies> Parse(const std::vector<std::string>& networks);

  // The last address on the way to `peer` that is not a trusted proxy's. What is no address was not written
  // by a proxy worth its trust: then it is the proxy's own.
  std::string ClientOf(const std::string& peer, const HeaderBlock& fields) const;

 private:
  using Address = std::array<uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
  struct Network {
    Address address;
    size_t bits;
  };

  static bool ParseAddress(absl::string_view text, Address& address);
  bool Trusts(const Address& address) const;

  std::vector<Network> networks_;
};

}  // namespace arasta::gateway
