#include "services/gateway/front_codec.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

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

}  // namespace

std::unique_ptr<FrontCodec> ChooseCodec(absl::string_view content_type, absl::string_view accept) {
  const absl::string_view type = MediaType(content_type);
  absl::string_view suffix;
  if (IsType(type, "application/grpc", suffix)) return NewGrpcCodec();
  const bool wants_text = absl::StrContains(absl::AsciiStrToLower(accept), "application/grpc-web-text");
  if (IsType(type, "application/grpc-web-text", suffix)) return NewGrpcWebCodec(suffix, true, true);
  if (IsType(type, "application/grpc-web", suffix)) return NewGrpcWebCodec(suffix, false, wants_text);
  return nullptr;
}

}  // namespace arasta::gateway
