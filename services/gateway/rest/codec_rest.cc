#include "services/gateway/rest/codec_rest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/rest/field_path.h"
#include "services/gateway/rest/http_body.h"
#include "services/gateway/rest/rest_answer.h"
#include "services/gateway/rest/rest_error.h"
#include "services/gateway/rest/rest_request.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {
namespace {

constexpr char kJson[] = "application/json";
constexpr char kLines[] = "application/x-ndjson";

absl::string_view QueryOf(absl::string_view path) {
  const size_t mark = path.find('?');
  return mark == absl::string_view::npos ? absl::string_view() : path.substr(mark + 1);
}

// "application/json; charset=UTF-8" is application/json.
bool IsInUtf8(absl::string_view content_type, absl::string_view wanted) {
  const size_t end = std::min(content_type.find(';'), content_type.size());
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(content_type.substr(0, end)), wanted)) return false;
  for (const absl::string_view part : absl::StrSplit(content_type.substr(end), ';')) {
    const std::string parameter = absl::AsciiStrToLower(absl::StripAsciiWhitespace(part));
    const bool other_charset = absl::StartsWith(parameter, "charset=") && parameter != "charset=utf-8" &&
                               parameter != "charset=\"utf-8\"";
    if (other_charset) return false;
  }
  return true;
}

class RestCodec final : public FrontCodec {
 public:
  RestCodec(const RouteTable& routes, const RestBinding* binding, const std::vector<std::string>& variables,
            const RequestHead& head)
      : routes_(routes),
        binding_(binding),
        content_type_(head.content_type),
        gzip_(head.content_encoding == "gzip"),
        plain_(head.content_encoding.empty() || head.content_encoding == "identity"),
        lines_(binding != nullptr && binding->method->client_streaming && plain_ && !binding->raw_request &&
               IsInUtf8(head.content_type, kLines)),
        readable_(lines_ || ((gzip_ || plain_) && ((binding != nullptr && binding->raw_request) ||
                                                   IsInUtf8(head.content_type, kJson)))),
        answer_(routes, binding, FormOf(binding, head.accept), head) {
    if (binding_ == nullptr) return;
    parameters_status_ =
        ParametersToWire(*binding, variables, QueryOf(head.path), routes.json(), parameters_);
  }

  absl::string_view name() const override { return "rest"; }
  std::string BackendContentType(absl::string_view) const override { return "application/grpc+proto"; }
  bool from_browser() const override { return true; }

  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override {
    RETURN_IF_ERROR(parameters_status_);
    ASSIGN_OR_RETURN(CallTerms terms, GrpcTerms(head));
    terms.gzip = gzip_;
    terms.map = [this](absl::string_view body, std::string& wire) {
      RETURN_IF_ERROR(binding_->raw_request ? RawBodyToWire(body, wire)
                                            : BodyToWire(*binding_, body, routes_.json(), wire));
      wire += parameters_;
      return absl::OkStatus();
    };
    return terms;
  }

  absl::Status Request(absl::string_view body, ByteQueue& frames) override {
    if (!readable_) return UnsupportedMediaType();
    if (lines_) body = TakeLines(body, frames);
    body_.append(body.data(), body.size());
    const uint32_t limit = binding_->method->max_request_bytes;
    return body_.size() > limit ? MessageTooLarge(body_.size(), limit) : absl::OkStatus();
  }

  absl::Status RequestEnd(ByteQueue& frames) override {
    if (lines_) return TakeLine(frames), absl::OkStatus();
    AppendFrame(gzip_ ? kCompressedFlag : 0, std::exchange(body_, {}), frames);
    return absl::OkStatus();
  }

  void Head(const HeaderBlock& metadata, HttpAnswer&) override { answer_.Head(metadata); }
  void Messages(absl::string_view frames, HttpAnswer& answer) override { answer_.Messages(frames, answer); }
  void End(const HeaderBlock& trailers, HttpAnswer& answer) override { answer_.End(trailers, answer); }

  size_t held() const override { return parameters_.capacity() + body_.capacity() + answer_.held(); }

 private:
  static RestForm FormOf(const RestBinding* binding, absl::string_view accept) {
    if (binding == nullptr || !binding->method->server_streaming) return RestForm::kSingle;
    return binding->raw_answer ? RestForm::kPieces : StreamForm(accept);
  }

  absl::Status RawBodyToWire(absl::string_view body, std::string& wire) const {
    const FieldPath& path = binding_->body_field;
    AppendNested(path, HttpBodyToWire(content_type_, body, path.empty() ? nullptr : path.back()), wire);
    return absl::OkStatus();
  }

  // Returns what begins another line.
  absl::string_view TakeLines(absl::string_view body, ByteQueue& frames) {
    for (size_t end; (end = body.find('\n')) != absl::string_view::npos; body.remove_prefix(end + 1)) {
      body_.append(body.data(), end);
      TakeLine(frames);
    }
    return body;
  }

  void TakeLine(ByteQueue& frames) {
    const std::string line = std::exchange(body_, {});
    if (!absl::StripAsciiWhitespace(line).empty()) AppendFrame(0, line, frames);
  }

  const RouteTable& routes_;
  const RestBinding* const binding_;  // null where there is only an error to tell
  const absl::string_view content_type_;
  const bool gzip_;
  const bool plain_;
  const bool lines_;     // each of the body is a message
  const bool readable_;  // the body, should there be one
  absl::Status parameters_status_;
  std::string parameters_;
  std::string body_;  // all of it, or the last line
  RestAnswer answer_;
};

}  // namespace

// The gateway's own pages are shown where no rule has their path.
FrontChoice ChooseRest(const RequestHead& head, const RouteTable& routes) {
  const PathMatch match = routes.rest().Find(head.method, head.path.substr(0, head.path.find('?')));
  const RestBinding* binding = match.rule ? &routes.rest().bindings()[*match.rule] : nullptr;
  FrontChoice choice;
  choice.method = binding == nullptr ? nullptr : binding->method;
  choice.codec = std::make_unique<RestCodec>(routes, binding, match.variables, head);
  if (binding != nullptr) return choice;
  if (head.method == "GET" || head.method == "HEAD") choice.page = routes.pages().Find(head.path);
  choice.refusal = match.malformed         ? InvalidField("path", "has a % without two hex digits after it")
                   : match.allowed.empty() ? UnknownPath()
                                           : MethodNotAllowed(absl::StrJoin(match.allowed, ", "));
  return choice;
}

}  // namespace arasta::gateway
