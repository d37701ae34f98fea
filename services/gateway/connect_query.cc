#include "services/gateway/connect_query.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/url_text.h"

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

// Leaves `value` empty where there is no such parameter.
absl::Status Read(const Parameters& parameters, absl::string_view name, std::string& value) {
  const auto found = parameters.find(name);
  if (found == parameters.end() || UnescapeUrl(found->second, UrlPart::kQuery, value))
    return absl::OkStatus();
  return InvalidField(name, "has a % without two hex digits after it");
}

absl::Status ReadMessage(const Parameters& parameters, std::string& message) {
  if (!parameters.contains("message")) return InvalidField("message", "is missing");
  std::string base64, text;
  RETURN_IF_ERROR(Read(parameters, "base64", base64));
  if (base64 != "1") return Read(parameters, "message", message);
  RETURN_IF_ERROR(Read(parameters, "message", text));
  if (absl::WebSafeBase64Unescape(text, &message)) return absl::OkStatus();
  return InvalidField("message", "is not base64 for URLs");
}

}  // namespace

ConnectQuery ParseConnectQuery(absl::string_view target) {
  const Parameters parameters = ParametersOf(target);
  ConnectQuery query;
  query.status.Update(Read(parameters, "encoding", query.encoding));
  query.status.Update(Read(parameters, "connect", query.version));
  query.status.Update(Read(parameters, "compression", query.compression));
  query.status.Update(ReadMessage(parameters, query.message));
  return query;
}

}  // namespace arasta::gateway
