#include "services/gateway/rest/rest_answer.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/gzip_answer.h"
#include "services/gateway/rest/http_body.h"
#include "services/gateway/rest/rest_error.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {
namespace {

constexpr char kJson[] = "application/json";

absl::string_view TypeOf(RestForm form) {
  switch (form) {
    case RestForm::kLines:
      return "application/x-ndjson";
    case RestForm::kEvents:
      return "text/event-stream";
    case RestForm::kPieces:
      return "application/octet-stream";
    default:
      return kJson;
  }
}

// Metadata that is a header of the answer too.
bool IsPassedOn(absl::string_view name) {
  return !absl::StartsWith(name, "grpc-") && !absl::EndsWith(name, "-bin") && name != "content-type" &&
         name != "content-length" && name != "content-encoding" && name != "trailer" &&
         name != "x-request-id";
}

absl::Status Unusable(absl::string_view what) {
  return Error(absl::StatusCode::kInternal, "UNUSABLE_ANSWER", absl::StrCat("the backend's answer ", what));
}

}  // namespace

RestForm StreamForm(absl::string_view accept) {
  for (const absl::string_view range : absl::StrSplit(accept, ',')) {
    const absl::string_view type = absl::StripAsciiWhitespace(range.substr(0, range.find(';')));
    for (const RestForm form : {RestForm::kLines, RestForm::kEvents}) {
      if (absl::EqualsIgnoreCase(type, TypeOf(form))) return form;
    }
  }
  return RestForm::kArray;
}

RestAnswer::RestAnswer(const RouteTable& routes, const RestBinding* binding, RestForm form,
                       const RequestHead& head)
    : routes_(routes),
      binding_(binding),
      form_(form),
      head_only_(head.method == "HEAD"),
      takes_gzip_(TakesGzip(head.accept_encoding)) {}

void RestAnswer::PassOn(const HeaderBlock& metadata) {
  for (size_t i = 0; i < metadata.size(); ++i) {
    if (IsPassedOn(metadata[i].name)) head_.Add(metadata[i].name, metadata[i].value, metadata[i].indexing);
  }
}

void RestAnswer::Messages(absl::string_view frames, HttpAnswer& answer) {
  incomplete_.append(frames.data(), frames.size());
  if (const absl::Status status = TakeMessages(answer); !status.ok()) answer.Fail(status);
}

absl::Status RestAnswer::TakeMessages(HttpAnswer& answer) {
  // An answer may be as large as a request.
  const uint32_t limit = binding_->method->max_request_bytes;
  absl::string_view rest = incomplete_;
  for (;;) {
    const absl::StatusOr<absl::optional<Frame>> frame = FirstFrame(rest, limit);
    if (!frame.ok()) return Unusable("has a message over the limit");
    if (!*frame) break;
    if ((*frame)->flags != 0) return Unusable("is compressed");
    RETURN_IF_ERROR(TakeMessage((*frame)->message, answer));
    rest.remove_prefix((*frame)->size());
  }
  incomplete_.erase(0, incomplete_.size() - rest.size());
  if (incomplete_.empty()) incomplete_.shrink_to_fit();
  return absl::OkStatus();
}

absl::Status RestAnswer::TakeMessage(absl::string_view message, HttpAnswer& answer) {
  if (form_ == RestForm::kSingle && single_) return Unusable("has two messages");
  std::string body;
  RETURN_IF_ERROR(binding_->raw_answer ? ToBody(message, body) : ToJson(message, body));
  if (form_ == RestForm::kSingle) {
    single_ = std::move(body);
  } else {
    SendElement(body, "", answer);
  }
  return absl::OkStatus();
}

absl::Status RestAnswer::ToBody(absl::string_view message, std::string& body) {
  absl::optional<HttpBody> raw = HttpBodyIn(message, binding_->response_body);
  if (!raw) return Unusable("is not what the contract says");
  if (raw_type_.empty()) raw_type_ = std::move(raw->content_type);
  body = std::move(raw->data);
  return absl::OkStatus();
}

absl::string_view RestAnswer::ContentType() const {
  return raw_type_.empty() ? TypeOf(form_) : absl::string_view(raw_type_);
}

absl::Status RestAnswer::ToJson(absl::string_view message, std::string& json) const {
  const google::protobuf::Descriptor& type = *binding_->method->descriptor->output_type();
  const absl::Status status = binding_->response_body == nullptr
                                  ? routes_.json().ToJson(type, message, json)
                                  : routes_.json().FieldToJson(*binding_->response_body, message, json);
  return status.ok() ? status : Unusable("is not what the contract says");
}

void RestAnswer::SendHead(int http_status, absl::string_view content_type, HttpAnswer& answer) {
  head_.Add("content-type", content_type);
  if (form_ == RestForm::kEvents) head_.Add("cache-control", "no-store");
  if (!raw_type_.empty()) head_.Add("x-content-type-options", "nosniff");
  begun_ = true;
  head_only_ ? answer.SendHeadOnly(http_status, head_) : answer.SendHead(http_status, head_);
}

void RestAnswer::SendElement(absl::string_view json, absl::string_view event, HttpAnswer& answer) {
  if (!begun_) SendHead(200, ContentType(), answer);
  if (head_only_) return;
  std::string text;
  switch (form_) {
    case RestForm::kSingle:
    case RestForm::kArray:
      text = absl::StrCat(elements_ == 0 ? "[" : ",", json);
      break;
    case RestForm::kLines:
      text = absl::StrCat(json, "\n");
      break;
    case RestForm::kEvents:
      text = absl::StrCat(event.empty() ? "" : absl::StrCat("event: ", event, "\n"), "data: ", json, "\n\n");
      break;
    case RestForm::kPieces:
      text = std::string(json);
      break;
  }
  ++elements_;
  answer.body().Append(text);
  answer.BodyGrew();
}

void RestAnswer::SendWhole(int http_status, absl::string_view content_type, std::string body,
                           HttpAnswer& answer) {
  // What the backend has made may be compressed already.
  if (raw_type_.empty()) GzipBody(takes_gzip_, body, head_);
  head_.Add("content-length", absl::StrCat(body.size()));
  SendHead(http_status, content_type, answer);
  if (head_only_) return;
  answer.body().Append(body);
  answer.End(HeaderBlock());
}

void RestAnswer::End(const HeaderBlock& trailers, HttpAnswer& answer) {
  const bool ok = StatusCodeOf(trailers) == absl::StatusCode::kOk;
  if (!begun_) PassOn(trailers);
  if (!ok) return EndWithError(trailers, answer);
  if (form_ == RestForm::kSingle && !single_)
    return EndWithError(ToTrailers(Unusable("has no message")), answer);
  if (form_ == RestForm::kSingle) return SendWhole(200, ContentType(), *std::exchange(single_, {}), answer);
  if (!begun_) SendHead(200, ContentType(), answer);
  if (form_ == RestForm::kEvents) SendElement("{}", "end", answer);
  EndStream(answer);
}

void RestAnswer::EndWithError(const HeaderBlock& trailers, HttpAnswer& answer) {
  const google::rpc::Status error = ErrorOf(trailers);
  const std::string json = ErrorToJson(error, routes_.pool(), routes_.json());
  if (begun_ && form_ == RestForm::kPieces) return head_only_ ? void() : answer.Break();
  if (begun_) {
    SendElement(absl::StrCat("{\"error\":", json, "}"), "error", answer);
    return EndStream(answer);
  }
  raw_type_.clear();
  AddErrorFields(error, head_);
  SendWhole(HttpStatusOf(error), kJson, json, answer);
}

void RestAnswer::EndStream(HttpAnswer& answer) {
  if (head_only_) return;
  if (form_ == RestForm::kArray) {
    answer.body().Append(elements_ == 0 ? "[]" : "]");
    answer.BodyGrew();
  }
  answer.End(HeaderBlock());
}

}  // namespace arasta::gateway
