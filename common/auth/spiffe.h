// Names of our processes as their certificates carry them: spiffe://arasta/<service>.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace arasta::auth {

inline constexpr absl::string_view kTrustDomain = "spiffe://arasta/";

// "order" → "spiffe://arasta/order".
inline std::string SpiffeId(absl::string_view service) {
  return absl::StrCat(kTrustDomain, service);
}

// "spiffe://arasta/order" → "order"; empty for any other trust domain or a deeper path.
inline absl::string_view ServiceOf(absl::string_view spiffe_id) {
  if (!absl::ConsumePrefix(&spiffe_id, kTrustDomain)) return {};
  return spiffe_id.find('/') == absl::string_view::npos ? spiffe_id : absl::string_view();
}

}  // namespace arasta::auth
