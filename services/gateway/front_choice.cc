#include "services/gateway/front_choice.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/gateway/connect.h"
#include "services/gateway/gzip_answer.h"
#include "services/gateway/rest/codec_rest.h"

namespace arasta::gateway {
namespace {

// "application/grpc-web+proto; charset=utf-8" → "application/grpc-web+proto".
absl::string_view MediaType(absl::string_view content_type) {
  return absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';')));
}

// Exactly `base`, or `base` with the one message format that there is ("+proto"), which is left in `suffix`.
bool IsType(absl::string_view type, absl::string_view base, absl::string_view& suffix) {
  if (!absl::StartsWithIgnoreCase(type, base)) return false;
  suffix = type.substr(base.size());
  return suffix.empty() || absl::EqualsIgnoreCase(suffix, "+proto");
}

std::unique_ptr<FrontCodec> GrpcWebCodec(absl::string_view type, absl::string_view accept) {
  absl::string_view suffix;
  const bool wants_text = absl::StrContains(absl::AsciiStrToLower(accept), "application/grpc-web-text");
  if (IsType(type, "application/grpc-web-text", suffix)) return NewGrpcWebCodec(suffix, true, true);
  if (IsType(type, "application/grpc-web", suffix)) return NewGrpcWebCodec(suffix, false, wants_text);
  return nullptr;
}

constexpr absl::string_view kUnaryTypes =
    "application/grpc, application/grpc-web, application/grpc-web-text, application/proto, "
    "application/json";
constexpr absl::string_view kStreamTypes =
    "application/grpc, application/grpc-web, application/grpc-web-text, "
    "application/connect+proto, application/connect+json";

constexpr absl::string_view kUnaryType = "application/";
constexpr absl::string_view kStreamType = "application/connect+";

bool IsUnary(const Method& method) {
  return !method.client_streaming && !method.server_streaming;
}

bool MayGet(const Method& method) {
  using google::protobuf::MethodOptions;
  return IsUnary(method) &&
         method.descriptor->options().idempotency_level() == MethodOptions::NO_SIDE_EFFECTS;
}

FrontChoice Refusal(const Method* method, int http_status, absl::string_view message) {
  FrontChoice choice;
  choice.method = method;
  choice.http_status = http_status;
  choice.message = message;
  return choice;
}

FrontChoice WrongType(const Method& method) {
  FrontChoice choice = Refusal(&method, 415, "the content type is none of the method's");
  choice.accept_post = IsUnary(method) ? kUnaryTypes : kStreamTypes;
  return choice;
}

FrontChoice WrongVerb(const Method& method) {
  const bool may_get = MayGet(method);
  FrontChoice choice =
      Refusal(&method, 405, may_get ? "the method must be GET or POST" : "the method must be POST");
  choice.allow = may_get ? "GET, POST" : "POST";
  return choice;
}

// By the end of a content type; none for what is neither.
absl::optional<ConnectFormat> FormatOf(absl::string_view name, absl::string_view accepted_encodings,
                                       const Method* method, const RouteTable& routes) {
  const bool gzip = TakesGzip(accepted_encodings);
  if (absl::EqualsIgnoreCase(name, "proto")) return ConnectFormat{"proto", nullptr, gzip};
  if (!absl::EqualsIgnoreCase(name, "json")) return absl::nullopt;
  return ConnectFormat{"json", method == nullptr ? nullptr : &routes.json(), gzip};
}

FrontChoice ConnectPost(const RequestHead& head, absl::string_view type, bool http2, const Method* method,
                        const RouteTable& routes) {
  const bool stream = absl::StartsWithIgnoreCase(type, kStreamType);
  const absl::string_view base = stream ? kStreamType : kUnaryType;
  const bool connect = absl::StartsWithIgnoreCase(type, base);
  const absl::optional<ConnectFormat> format =
      connect ? FormatOf(type.substr(base.size()),
                         stream ? head.connect_accept_encoding : head.accept_encoding, method, routes)
              : absl::nullopt;
  // JSON alone may be anybody's.
  if (method == nullptr && (!format || (!stream && format->is_json()))) return FrontChoice();
  if (!format || (method != nullptr && IsUnary(*method) == stream)) return WrongType(*method);
  const bool both_ways = method != nullptr && method->client_streaming && method->server_streaming;
  if (both_ways && !http2) return Refusal(method, 505, "streams in both directions need HTTP/2");
  FrontChoice choice;
  choice.method = method;
  choice.codec =
      stream ? NewConnectStreamCodec(method, *format) : NewConnectUnaryCodec(head, method, *format);
  return choice;
}

FrontChoice ConnectGet(const RequestHead& head, const Method& method, const RouteTable& routes) {
  ConnectQuery query = ParseConnectQuery(head.path);
  const absl::optional<ConnectFormat> format =
      FormatOf(query.encoding, head.accept_encoding, &method, routes);
  if (!format) return WrongType(method);
  FrontChoice choice;
  choice.method = &method;
  choice.codec = NewConnectGetCodec(std::move(query), method, *format);
  return choice;
}

FrontChoice ChooseWebhook(const RequestHead& head, const RouteTable& routes) {
  const Method* method = routes.FindWebhook(head.path.substr(0, head.path.find('?')));
  if (method == nullptr) return Refusal(nullptr, 404, "not found");
  FrontChoice choice = Refusal(method, 405, "the method must be POST");
  choice.allow = "POST";
  if (head.method == "POST") choice.codec = NewWebhookCodec(head, method->max_request_bytes);
  return choice;
}

// Connect; neither a method nor a codec where it is nothing of that.
FrontChoice ChooseConnect(const RequestHead& head, absl::string_view type, bool http2,
                          const RouteTable& routes) {
  const Method* method = routes.Find(head.path.substr(0, head.path.find('?')));
  if (head.method == "POST") return ConnectPost(head, type, http2, method, routes);
  if (method == nullptr) return FrontChoice();
  return head.method == "GET" && MayGet(*method) ? ConnectGet(head, *method, routes) : WrongVerb(*method);
}

}  // namespace

FrontChoice ChooseFront(const RequestHead& head, bool http2, const RouteTable& routes) {
  if (absl::StartsWith(head.path, kWebhooks)) return ChooseWebhook(head, routes);
  FrontChoice choice;
  choice.method = routes.Find(head.path);
  const absl::string_view type = MediaType(head.content_type);
  const bool post = head.method == "POST";
  if (absl::string_view suffix; post && IsType(type, "application/grpc", suffix)) {
    if (http2) {
      choice.codec = NewGrpcCodec();
    } else {
      choice.http_status = 505;
      choice.message = "gRPC needs HTTP/2";
    }
    return choice;
  }
  if (post && (choice.codec = GrpcWebCodec(type, head.accept))) return choice;
  FrontChoice connect = ChooseConnect(head, type, http2, routes);
  if (connect.method == nullptr && connect.codec == nullptr) return ChooseRest(head, routes);
  return connect;
}

}  // namespace arasta::gateway
