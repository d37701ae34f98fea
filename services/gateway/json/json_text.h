// The characters of JSON: what a string may hold, how it is escaped, what a number looks like.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/json/byte_output.h"

namespace arasta::gateway {

// The first byte that is not printable ASCII or that JSON's strings escape, or `end`.
const char* EndOfPlain(const char* begin, const char* end);

// Bytes of the character at `begin`, which is not ASCII; 0 where it is no UTF-8.
size_t Utf8Length(const char* begin, const char* end);

bool IsUtf8(absl::string_view text);

// In quotes. False for what is not UTF-8.
bool AppendQuoted(absl::string_view text, ByteOutput& out);

// Bytes of the escape at `begin`, a backslash; 0 where it is none, a lone surrogate included.
size_t EscapeLength(const char* begin, const char* end);

// Of a string's inside that was found to be good.
void AppendUnescaped(absl::string_view text, std::string& out);

// Bytes of the number that `text` begins with; 0 where it does not.
size_t NumberLength(absl::string_view text);

}  // namespace arasta::gateway
