// Cross-origin rules: which web pages may call, and what they may see of the answer.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/gateway/header_block.h"

namespace arasta::gateway {

struct CorsOptions {
  // "https://shop.example"; "http://localhost:*" is any port.
  std::vector<std::string> origins;
  // Answer headers beyond those of the protocols.
  std::vector<std::string> exposed_headers;
};

// Whether a browser could ever say that it is there, as CorsOptions has it: no path, no "*", in lower case.
bool IsOrigin(absl::string_view text);

// Immutable.
class Cors {
 public:
  explicit Cors(CorsOptions options);

  bool Allows(absl::string_view origin) const;
  // For any answer: what lets a page of `origin` read it, or nothing. Always says that answers vary.
  void AddAnswerHeaders(absl::string_view origin, HeaderBlock& head) const;
  // For the answer to a preflight that asks for these headers.
  void AddPreflightHeaders(absl::string_view origin, absl::string_view asked_headers,
                           HeaderBlock& head) const;

 private:
  CorsOptions options_;
  std::string exposed_;
};

}  // namespace arasta::gateway
