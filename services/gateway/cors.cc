#include "services/gateway/cors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace arasta::gateway {
namespace {

constexpr char kAlwaysExposed[] =
    "grpc-status, grpc-message, grpc-status-details-bin, x-request-id, retry-after, "
    "ratelimit-limit, ratelimit-remaining, ratelimit-reset";

bool Matches(absl::string_view pattern, absl::string_view origin) {
  if (!absl::ConsumeSuffix(&pattern, ":*")) return pattern == origin;
  if (!absl::ConsumePrefix(&origin, pattern)) return false;
  if (origin.empty()) return true;
  const absl::string_view port = origin.substr(1);
  return origin.front() == ':' && !port.empty() &&
         std::all_of(port.begin(), port.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

bool IsLower(absl::string_view text, absl::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [others](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
           absl::StrContains(others, static_cast<char>(c));
  });
}

}  // namespace

bool IsOrigin(absl::string_view text) {
  absl::ConsumeSuffix(&text, ":*");
  const size_t scheme = text.find("://");
  return scheme != absl::string_view::npos && IsLower(text.substr(0, scheme), "+-.") &&
         IsLower(text.substr(scheme + 3), "-._:[]");
}

Cors::Cors(CorsOptions options) : options_(std::move(options)), exposed_(kAlwaysExposed) {
  // Also where Connect has it, if it comes as a trailer.
  for (const std::string& name : options_.exposed_headers) {
    absl::StrAppend(&exposed_, ", ", name, ", trailer-", name);
  }
}

bool Cors::Allows(absl::string_view origin) const {
  return std::any_of(options_.origins.begin(), options_.origins.end(),
                     [origin](const std::string& pattern) { return Matches(pattern, origin); });
}

void Cors::AddAnswerHeaders(absl::string_view origin, HeaderBlock& head) const {
  head.Add("vary", "origin");
  if (!Allows(origin)) return;
  head.Add("access-control-allow-origin", origin);
  head.Add("access-control-expose-headers", exposed_);
}

void Cors::AddPreflightHeaders(absl::string_view origin, absl::string_view asked_headers,
                               HeaderBlock& head) const {
  head.Add("vary", "origin, access-control-request-method, access-control-request-headers");
  if (!Allows(origin)) return;
  head.Add("access-control-allow-origin", origin);
  head.Add("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  if (!asked_headers.empty()) head.Add("access-control-allow-headers", asked_headers);
  head.Add("access-control-max-age", "7200");
}

}  // namespace arasta::gateway
