#include "services/gateway/connect_query.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "services/gateway/grpc_status.h"

namespace arasta::gateway {
namespace {

using Parameters = absl::flat_hash_map<absl::string_view, absl::string_view>;

Parameters ParametersOf(absl::string_view target) {
  Parameters parameters;
  const size_t query = target.find('?');
  if (query == absl::string_view::npos) return parameters;
  for (const absl::string_view parameter : absl::StrSplit(target.substr(query + 1), '&')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(parameter, absl::MaxSplits('=', 1));
    parameters.insert(pair);
  }
  return parameters;
}

std::string Decoded(absl::string_view text) {
  return PercentDecode(absl::StrReplaceAll(text, {{"+", " "}}));
}

std::string Find(const Parameters& parameters, absl::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : Decoded(found->second);
}

absl::StatusOr<std::string> MessageIn(const Parameters& parameters) {
  const auto found = parameters.find("message");
  if (found == parameters.end()) return InvalidField("message", "is missing");
  std::string message = Decoded(found->second);
  if (Find(parameters, "base64") != "1") return message;
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(message, &bytes)) return InvalidField("message", "is not base64 for URLs");
  return bytes;
}

}  // namespace

ConnectQuery ParseConnectQuery(absl::string_view target) {
  const Parameters parameters = ParametersOf(target);
  return {Find(parameters, "connect"), Find(parameters, "encoding"), Find(parameters, "compression"),
          MessageIn(parameters)};
}

}  // namespace arasta::gateway
