#include "services/gateway/json/json_text.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"

namespace arasta::gateway {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;

bool IsPlain(char c) {
  return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\';
}

// The highest bit of every byte that is not plain; bits above the lowest one set may be wrong.
uint64_t NotPlain(uint64_t bytes) {
  const uint64_t controls = bytes - kOnes * 0x20;
  const uint64_t quotes = (bytes ^ kOnes * '"') - kOnes;
  const uint64_t backslashes = (bytes ^ kOnes * '\\') - kOnes;
  return (bytes | controls | quotes | backslashes) & kOnes * 0x80;
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The four hexadecimal digits at `begin`; -1 where there are none.
int HexDigits(const char* begin, const char* end) {
  if (end - begin < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = begin[i];
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
    value = value << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

bool IsHighSurrogate(int unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool IsLowSurrogate(int unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

void AppendUtf8(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// The character that a letter after a backslash stands for; '\0' for none.
char ShortEscape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

void AppendEscape(char c, ByteOutput& out) {
  constexpr absl::string_view kHex = "0123456789abcdef";
  constexpr absl::string_view kLetters = "btn_fr";  // of the control characters from 8 on
  if (c == '"' || c == '\\') {
    out.Append('\\');
    out.Append(c);
  } else if (c >= '\b' && c <= '\r' && c != '\v') {
    out.Append('\\');
    out.Append(kLetters[static_cast<size_t>(c - '\b')]);
  } else {
    out.Append("\\u00");
    out.Append(kHex[static_cast<unsigned char>(c) >> 4]);
    out.Append(kHex[c & 0xF]);
  }
}

const char* SkipDigits(const char* next, const char* end) {
  while (next != end && absl::ascii_isdigit(static_cast<unsigned char>(*next))) ++next;
  return next;
}

}  // namespace

const char* EndOfPlain(const char* begin, const char* end) {
  const char* next = begin;
  for (uint64_t bytes; end - next >= 8; next += 8) {
    std::memcpy(&bytes, next, sizeof bytes);
    const uint64_t found = NotPlain(bytes);
    if (found != 0) return next + std::countr_zero(found) / 8;
  }
  while (next != end && IsPlain(*next)) ++next;
  return next;
}

size_t Utf8Length(const char* begin, const char* end) {
  const auto first = static_cast<unsigned char>(begin[0]);
  const size_t length = first >= 0xC2 && first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (first < 0xC2 || length == 0 || static_cast<size_t>(end - begin) < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(begin[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(begin[1]);
  // Longer than needed, surrogates, and what is beyond the last character.
  if (first == 0xE0 && second < 0xA0) return 0;
  if (first == 0xED && second >= 0xA0) return 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second >= 0x90) return 0;
  return length;
}

bool IsUtf8(absl::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* next = text.data(); next != end;) {
    const size_t length = static_cast<signed char>(*next) >= 0 ? 1 : Utf8Length(next, end);
    if (length == 0) return false;
    next += length;
  }
  return true;
}

bool AppendQuoted(absl::string_view text, ByteOutput& out) {
  const char* const end = text.data() + text.size();
  const char* written = text.data();
  const char* next = written;
  out.Append('"');
  for (;;) {
    next = EndOfPlain(next, end);
    if (next == end) break;
    if (static_cast<signed char>(*next) < 0) {
      const size_t length = Utf8Length(next, end);
      if (length == 0) return false;
      next += length;
    } else {
      out.Append(absl::string_view(written, static_cast<size_t>(next - written)));
      AppendEscape(*next, out);
      written = ++next;
    }
  }
  out.Append(absl::string_view(written, static_cast<size_t>(end - written)));
  out.Append('"');
  return true;
}

size_t EscapeLength(const char* begin, const char* end) {
  if (end - begin < 2) return 0;
  if (begin[1] != 'u') return ShortEscape(begin[1]) == '\0' ? 0 : 2;
  const int unit = HexDigits(begin + 2, end);
  if (unit < 0 || IsLowSurrogate(unit)) return 0;
  if (!IsHighSurrogate(unit)) return 6;
  const bool pair =
      end - begin >= 12 && begin[6] == '\\' && begin[7] == 'u' && IsLowSurrogate(HexDigits(begin + 8, end));
  return pair ? 12 : 0;
}

void AppendUnescaped(absl::string_view text, std::string& out) {
  const char* const end = text.data() + text.size();
  for (const char* next = text.data(); next != end;) {
    const void* found = std::memchr(next, '\\', static_cast<size_t>(end - next));
    const char* const backslash = found == nullptr ? end : static_cast<const char*>(found);
    out.append(next, backslash);
    if (backslash == end) return;
    if (backslash[1] != 'u') {
      out += ShortEscape(backslash[1]);
      next = backslash + 2;
      continue;
    }
    auto c = static_cast<uint32_t>(HexDigits(backslash + 2, end));
    next = backslash + 6;
    if (IsHighSurrogate(static_cast<int>(c))) {
      c = 0x10000 + ((c - 0xD800) << 10) + (static_cast<uint32_t>(HexDigits(next + 2, end)) - 0xDC00);
      next += 6;
    }
    AppendUtf8(c, out);
  }
}

size_t NumberLength(absl::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* next = begin;
  if (next != end && *next == '-') ++next;
  const char* const whole = next;
  next = SkipDigits(next, end);
  if (next == whole || (*whole == '0' && next - whole > 1)) return 0;
  if (next != end && *next == '.') {
    const char* const fraction = next + 1;
    next = SkipDigits(fraction, end);
    if (next == fraction) return 0;
  }
  if (next != end && (*next == 'e' || *next == 'E')) {
    const char* exponent = next + 1;
    if (exponent != end && (*exponent == '+' || *exponent == '-')) ++exponent;
    next = SkipDigits(exponent, end);
    if (next == exponent) return 0;
  }
  return static_cast<size_t>(next - begin);
}

}  // namespace arasta::gateway
