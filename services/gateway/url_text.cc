#include "services/gateway/url_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace arasta::gateway {
namespace {

bool IsEscape(absl::string_view text) {
  return text.size() == 3 && absl::ascii_isxdigit(static_cast<unsigned char>(text[1])) &&
         absl::ascii_isxdigit(static_cast<unsigned char>(text[2]));
}

}  // namespace

bool UnescapeUrl(absl::string_view text, UrlPart part, std::string& decoded) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(part == UrlPart::kQuery && text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const absl::string_view escape = text.substr(i, 3);
    if (!IsEscape(escape)) return false;
    const std::string byte = absl::HexStringToBytes(escape.substr(1));
    const bool stays = part == UrlPart::kSegments && byte == "/";
    absl::StrAppend(&decoded, stays ? escape : absl::string_view(byte));
    i += 2;
  }
  return true;
}

}  // namespace arasta::gateway
