#include "services/auth/client_address.h"

#include <arpa/inet.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace arasta::auth {

std::string ClientNetwork(absl::string_view forwarded_for) {
  const size_t comma = forwarded_for.rfind(',');
  if (comma != absl::string_view::npos) forwarded_for.remove_prefix(comma + 1);
  const std::string text(absl::StripAsciiWhitespace(forwarded_for));

  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return absl::StrCat("4:", absl::BytesToHexString({reinterpret_cast<const char*>(&v4), sizeof(v4)}));
  }
  in6_addr v6;
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return "unknown";
  const char* bytes = reinterpret_cast<const char*>(&v6);
  // ::ffff:a.b.c.d, as dual-stack sockets write IPv4.
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return absl::StrCat("4:", absl::BytesToHexString({bytes + 12, 4}));
  return absl::StrCat("6:", absl::BytesToHexString({bytes, 8}));
}

}  // namespace arasta::auth
