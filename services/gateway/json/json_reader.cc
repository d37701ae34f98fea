#include "services/gateway/json/json_reader.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace arasta::gateway {

bool JsonReader::String(JsonString& string) {
  const char* const begin = ++next_;
  string.escaped = false;
  for (;;) {
    next_ = EndOfPlain(next_, end_);
    if (next_ == end_) return Bad("the text ends within a string");
    const char c = *next_;
    if (c == '"') {
      string.raw = absl::string_view(begin, static_cast<size_t>(next_ - begin));
      ++next_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return Bad("a control character stands in a string");
    const size_t length = c == '\\' ? EscapeLength(next_, end_) : Utf8Length(next_, end_);
    if (length == 0) return Bad(c == '\\' ? "an escape is wrong" : "this is no UTF-8");
    string.escaped = string.escaped || c == '\\';
    next_ += length;
  }
}

bool JsonReader::Number(absl::string_view& number) {
  const absl::string_view rest(next_, static_cast<size_t>(end_ - next_));
  const size_t length = NumberLength(rest);
  if (length == 0) return Bad("this is no value");
  number = rest.substr(0, length);
  next_ += length;
  return true;
}

bool JsonReader::Literal(absl::string_view word) {
  if (!absl::StartsWith(absl::string_view(next_, static_cast<size_t>(end_ - next_)), word)) {
    return Bad("this is no value");
  }
  next_ += word.size();
  return true;
}

bool JsonReader::Skip(int depth) {
  if (depth > kMaxDepth) return Bad("it is nested too deeply");
  JsonString string;
  absl::string_view number;
  switch (Peek()) {
    case '{':
      return Object([&](const JsonString&) { return Skip(depth + 1); });
    case '[':
      return Array([&] { return Skip(depth + 1); });
    case '"':
      return String(string);
    case 't':
      return Literal("true");
    case 'f':
      return Literal("false");
    case 'n':
      return Literal("null");
    default:
      return Number(number);
  }
}

bool JsonReader::End() {
  return (Peek() == '\0' && next_ == end_) || Bad("something follows the value");
}

bool JsonReader::Bad(absl::string_view what) {
  return failure_.Say(absl::StrCat("not JSON at byte ", next_ - begin_, ": ", what));
}

}  // namespace arasta::gateway
