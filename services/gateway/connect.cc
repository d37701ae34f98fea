#include "services/gateway/connect.h"

#include <google/rpc/status.pb.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/gzip_inflater.h"

namespace arasta::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxTimeoutDigits = 10;
constexpr std::array<const char*, 17> kCodes = {
    "ok",        "canceled",       "unknown",           "invalid_argument",   "deadline_exceeded",
    "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
    "aborted",   "out_of_range",   "unimplemented",     "internal",           "unavailable",
    "data_loss", "unauthenticated"};

// What is not UTF-8 is replaced: a message comes from wherever the backend had it.
std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Unpadded(absl::string_view bytes) {
  std::string text = absl::Base64Escape(bytes);
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

Json DetailsOf(const google::rpc::Status& error) {
  Json details = Json::array();
  for (const google::protobuf::Any& detail : error.details()) {
    const std::string& url = detail.type_url();
    details.push_back({{"type", url.substr(url.rfind('/') + 1)}, {"value", Unpadded(detail.value())}});
  }
  return details;
}

// Of HTTP's fields, those that would say something about our answer that is not so.
bool IsMetadata(absl::string_view name) {
  return !absl::StartsWith(name, "grpc-") && name != "content-type" && name != "content-length" &&
         name != "content-encoding";
}

absl::StatusOr<absl::Duration> TimeoutIn(absl::string_view text) {
  int64_t ms = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || text.size() > kMaxTimeoutDigits || !absl::SimpleAtoi(text, &ms)) {
    return InvalidField("connect-timeout-ms", "is not a number of at most ten digits");
  }
  return absl::Milliseconds(ms);
}

}  // namespace

absl::StatusOr<CallTerms> ConnectTerms(const RequestHead& head, absl::string_view encoding, MessageMap map) {
  CallTerms terms;
  terms.map = std::move(map);
  if (!head.connect_version.empty() && head.connect_version != "1") {
    return InvalidField("connect-protocol-version", "is not 1");
  }
  if (head.connect_timeout) {
    ASSIGN_OR_RETURN(terms.timeout, TimeoutIn(*head.connect_timeout));
  }
  ASSIGN_OR_RETURN(terms.gzip, IsGzip(encoding));
  return terms;
}

MessageMap ConnectFormat::RequestMap(const Method* method) const {
  if (json == nullptr || method == nullptr) return nullptr;
  return [json = json, type = method->descriptor->input_type()](
             absl::string_view message, std::string& wire) { return json->ToWire(*type, message, wire); };
}

absl::Status ConnectFormat::AppendAnswer(const Method& method, absl::string_view message,
                                         std::string& out) const {
  if (json == nullptr) {
    out.append(message.data(), message.size());
    return absl::OkStatus();
  }
  const absl::Status status = json->ToJson(*method.descriptor->output_type(), message, out);
  return status.ok() ? status : BrokenAnswer("the backend's answer is not of the method's type");
}

absl::Status BrokenAnswer(absl::string_view why) {
  return Error(absl::StatusCode::kInternal, "BROKEN_ANSWER", why);
}

std::string ConnectError(const HeaderBlock& trailers) {
  const google::rpc::Status error = ErrorOf(trailers);
  Json json;
  json["code"] = kCodes[static_cast<size_t>(error.code())];
  if (!error.message().empty()) json["message"] = error.message();
  if (Json details = DetailsOf(error); !details.empty()) json["details"] = std::move(details);
  return Text(json);
}

std::string ConnectMetadata(const HeaderBlock& trailers) {
  Json metadata = Json::object();
  for (size_t i = 0; i < trailers.size(); ++i) {
    if (IsMetadata(trailers[i].name)) {
      metadata[std::string(trailers[i].name)].push_back(std::string(trailers[i].value));
    }
  }
  return Text(metadata);
}

void AddMetadata(const HeaderBlock& from, absl::string_view prefix, HeaderBlock& to) {
  for (size_t i = 0; i < from.size(); ++i) {
    if (!IsMetadata(from[i].name)) continue;
    to.Add(absl::StrCat(prefix, from[i].name), from[i].value, from[i].indexing);
  }
}

}  // namespace arasta::gateway
