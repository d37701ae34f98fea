#include "services/gateway/rest/rest_error.h"

#include <google/rpc/error_details.pb.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/auth/token_verifier.h"
#include "common/base/errors.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/json/byte_output.h"
#include "services/gateway/json/json_text.h"

namespace arasta::gateway {
namespace {

using google::protobuf::Any;

constexpr char kMethodNotAllowed[] = "METHOD_NOT_ALLOWED";
constexpr char kUnsupportedMediaType[] = "UNSUPPORTED_MEDIA_TYPE";

// Where HTTP says it better than the code does.
struct ReasonStatus {
  absl::string_view reason;
  int http_status;
};
constexpr ReasonStatus kByReason[] = {
    {kMethodNotAllowed, 405},
    {"MESSAGE_TOO_LARGE", 413},
    {kUnsupportedMediaType, 415},
    {"METADATA_TOO_LARGE", 431},
};

// The first of its type; the default message where there is none.
template <class Detail>
Detail DetailOf(const google::rpc::Status& error) {
  Detail detail;
  for (const Any& any : error.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return Detail();
}

void AppendText(absl::string_view text, std::string& json) {
  ByteOutput out(json, text.size() + 2);
  AppendQuoted(IsUtf8(text) ? std::string(text) : absl::CHexEscape(text), out);
}

}  // namespace

absl::Status UnknownPath() {
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_PATH", "nothing is served under this path");
}

absl::Status MethodNotAllowed(absl::string_view allow) {
  return Error(absl::StatusCode::kUnimplemented, kMethodNotAllowed, absl::StrCat("this path is for ", allow),
               {{"allow", std::string(allow)}});
}

absl::Status UnsupportedMediaType() {
  return Error(absl::StatusCode::kInvalidArgument, kUnsupportedMediaType,
               "a request's body is application/json in UTF-8, plain or gzip");
}

int HttpStatusOf(const google::rpc::Status& error) {
  const std::string reason = DetailOf<google::rpc::ErrorInfo>(error).reason();
  const auto* known = std::find_if(std::begin(kByReason), std::end(kByReason),
                                   [&](const ReasonStatus& entry) { return entry.reason == reason; });
  if (known != std::end(kByReason)) return known->http_status;
  return HttpStatusOf(static_cast<absl::StatusCode>(error.code()));
}

void AddErrorFields(const google::rpc::Status& error, HeaderBlock& head) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(error);
  const auto allow = info.metadata().find("allow");
  if (info.reason() == kMethodNotAllowed && allow != info.metadata().end()) head.Add("allow", allow->second);
  if (error.code() == static_cast<int>(absl::StatusCode::kUnauthenticated)) {
    const bool bad_token = info.reason() == auth::kInvalidToken || info.reason() == auth::kUnknownKey;
    head.Add("www-authenticate",
             bad_token ? R"(Bearer realm="api", error="invalid_token")" : R"(Bearer realm="api")");
  }
  const google::protobuf::Duration delay = DetailOf<google::rpc::RetryInfo>(error).retry_delay();
  const absl::Duration wait = absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos());
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)));
  if (seconds > 0 && !head.Find("retry-after")) head.Add("retry-after", absl::StrCat(seconds));
}

std::string ErrorToJson(const google::rpc::Status& error, const google::protobuf::DescriptorPool& pool,
                        const JsonMapping& json) {
  std::string text = absl::StrCat("{\"code\":", error.code(), ",\"message\":");
  AppendText(error.message(), text);
  text += ",\"details\":[";
  const google::protobuf::Descriptor* type = pool.FindMessageTypeByName(Any::descriptor()->full_name());
  for (const Any& any : error.details()) {
    if (text.back() != '[') text += ',';
    std::string expanded;
    if (type != nullptr && json.ToJson(*type, any.SerializeAsString(), expanded).ok()) {
      text += expanded;
      continue;
    }
    text += "{\"@type\":";
    AppendText(any.type_url(), text);
    absl::StrAppend(&text, ",\"value\":\"", absl::Base64Escape(any.value()), "\"}");
  }
  text += "]}";
  return text;
}

}  // namespace arasta::gateway
