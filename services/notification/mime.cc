#include "services/notification/mime.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace arasta::notification {
namespace {

// An encoded word may have 75 columns: "=?UTF-8?B?" and "?=" leave 63, which hold 45 bytes in base64.
constexpr size_t kBytesInEncodedWord = 45;
// Short enough for any field name of ours on the same line.
constexpr size_t kMaxPlainHeaderText = 60;
// RFC 2045 allows 76 columns, the soft break's "=" included.
constexpr size_t kQuotedPrintableColumns = 75;

bool IsPrintableAscii(char c) {
  return c >= ' ' && c <= '~';
}

bool IsContinuationByte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// As much of `text` as fits an encoded word, cut between characters, as RFC 2047 wants.
absl::string_view NextEncodedWord(absl::string_view text) {
  if (text.size() <= kBytesInEncodedWord) return text;
  size_t end = kBytesInEncodedWord;
  while (end > 1 && IsContinuationByte(text[end])) --end;
  return text.substr(0, end);
}

// One line of the text, broken softly.
void AppendQuotedPrintableLine(absl::string_view line, std::string& out) {
  size_t column = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool trailing_space = (c == ' ' || c == '\t') && i + 1 == line.size();
    const bool literal = (IsPrintableAscii(c) || c == '\t') && c != '=' && !trailing_space;
    const size_t width = literal ? 1 : 3;
    if (column + width > kQuotedPrintableColumns) {
      absl::StrAppend(&out, "=\r\n");
      column = 0;
    }
    if (literal) {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "=%02X", static_cast<unsigned char>(c));
    }
    column += width;
  }
}

std::string Part(absl::string_view content_type, absl::string_view content) {
  return absl::StrCat("Content-Type: ", content_type, "; charset=utf-8\r\n",
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n", QuotedPrintable(content));
}

// Quoted where it is plain ASCII, since a name may hold commas and the like.
std::string DisplayName(absl::string_view name) {
  if (name.size() > kMaxPlainHeaderText || !std::all_of(name.begin(), name.end(), IsPrintableAscii)) {
    return EncodeHeaderText(name);
  }
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

std::string EncodeHeaderText(absl::string_view value) {
  const bool plain = value.size() <= kMaxPlainHeaderText &&
                     std::all_of(value.begin(), value.end(), IsPrintableAscii) &&
                     !absl::StrContains(value, "=?") && value == absl::StripAsciiWhitespace(value);
  if (plain) return std::string(value);
  std::string out;
  while (!value.empty()) {
    const absl::string_view word = NextEncodedWord(value);
    absl::StrAppend(&out, out.empty() ? "" : "\r\n ", "=?UTF-8?B?", absl::Base64Escape(word), "?=");
    value.remove_prefix(word.size());
  }
  return out;
}

std::string QuotedPrintable(absl::string_view text) {
  const std::string unix_lines = absl::StrReplaceAll(text, {{"\r\n", "\n"}, {"\r", "\n"}});
  std::string out;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(unix_lines, "\n"), '\n')) {
    AppendQuotedPrintableLine(line, out);
    absl::StrAppend(&out, "\r\n");
  }
  return out;
}

absl::StatusOr<std::string> WriteMail(const Mail& mail) {
  RETURN_IF_ERROR(CheckHeaderText("from_name", mail.from_name));
  RETURN_IF_ERROR(CheckHeaderText("subject", mail.subject));
  RETURN_IF_ERROR(CheckHeaderText("language", mail.language));
  RETURN_IF_ERROR(CheckHeaderText("id", mail.id));
  const std::string boundary = absl::StrCat("part-", mail.id);
  return absl::StrCat(
      "Date: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", mail.date, absl::UTCTimeZone()), "\r\n",
      "From: ", DisplayName(mail.from_name), " <", mail.from.text(), ">\r\n", "To: <", mail.to.text(),
      ">\r\n", "Subject: ", EncodeHeaderText(mail.subject), "\r\n", "Message-ID: <", mail.id, "@",
      mail.from.domain(), ">\r\n", "Auto-Submitted: auto-generated\r\n", "Content-Language: ", mail.language,
      "\r\n", "MIME-Version: 1.0\r\n", "Content-Type: multipart/alternative; boundary=\"", boundary,
      "\"\r\n\r\n", "--", boundary, "\r\n", Part("text/plain", mail.text), "\r\n--", boundary, "\r\n",
      Part("text/html", mail.html), "\r\n--", boundary, "--\r\n");
}

}  // namespace arasta::notification
