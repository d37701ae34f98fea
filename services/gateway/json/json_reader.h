// JSON text, read once from front to back, strictly as RFC 8259 has it.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/json/json_text.h"
#include "services/gateway/json/mapping_failure.h"

namespace arasta::gateway {

// Between its quotes, as it stands in the text.
struct JsonString {
  absl::string_view raw;
  bool escaped = false;

  // `storage` is used where there are escapes.
  absl::string_view Text(std::string& storage) const {
    if (!escaped) return raw;
    storage.clear();
    AppendUnescaped(raw, storage);
    return storage;
  }
};

// What returns bool is false once the text is wrong; `failure` then says how.
class JsonReader {
 public:
  // Of arrays and objects in what is skipped.
  static constexpr int kMaxDepth = 100;

  JsonReader(absl::string_view text, MappingFailure& failure)
      : begin_(text.data()), next_(begin_), end_(begin_ + text.size()), failure_(failure) {}

  // The next character that is no white space; NUL at the end.
  char Peek() {
    while (next_ != end_ && (*next_ == ' ' || *next_ == '\n' || *next_ == '\r' || *next_ == '\t')) ++next_;
    return next_ == end_ ? '\0' : *next_;
  }
  const char* position() const { return next_; }
  void Return(const char* position) { next_ = position; }

  bool String(JsonString& string);
  bool Number(absl::string_view& number);
  // "true", "false" or "null".
  bool Literal(absl::string_view word);
  bool Skip(int depth = 0);
  // Nothing may follow but white space.
  bool End();

  // Calls `member(key)`, which reads the value.
  template <class Member>
  bool Object(Member member);
  // Calls `element()`, which reads it.
  template <class Element>
  bool Array(Element element);

 private:
  bool Take(char c) {
    if (Peek() != c) return false;
    ++next_;
    return true;
  }
  bool Bad(absl::string_view what);

  const char* const begin_;
  const char* next_;
  const char* const end_;
  MappingFailure& failure_;
};

template <class Member>
bool JsonReader::Object(Member member) {
  if (!Take('{')) return failure_.Say("is not an object");
  if (Take('}')) return true;
  do {
    JsonString key;
    if (Peek() != '"') return Bad("a key is missing");
    if (!String(key)) return false;
    if (!Take(':')) return Bad("':' is missing");
    if (!member(key)) return false;
  } while (Take(','));
  return Take('}') || Bad("',' or '}' is missing");
}

template <class Element>
bool JsonReader::Array(Element element) {
  if (!Take('[')) return failure_.Say("is not an array");
  if (Take(']')) return true;
  do {
    if (!element()) return false;
  } while (Take(','));
  return Take(']') || Bad("',' or ']' is missing");
}

}  // namespace arasta::gateway
