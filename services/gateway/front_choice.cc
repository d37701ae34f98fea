#include "services/gateway/front_choice.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

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

}  // namespace

FrontChoice ChooseFront(const RequestHead& head, bool http2, const RouteTable& routes) {
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
  choice.http_status = choice.method == nullptr ? 404 : post ? 415 : 405;
  choice.message = choice.method == nullptr ? "not found"
                   : post                   ? "the content type is not one of gRPC's"
                                            : "the method must be POST";
  return choice;
}

}  // namespace arasta::gateway
