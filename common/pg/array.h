// Lists as statement parameters, which libpqxx 6 can't pass: "… WHERE sku = ANY($1::text[])".
#pragma once

#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace arasta::pg {

// A PostgreSQL array literal, {"a","b"}, of a range of strings or numbers.
template <class Range>
std::string ToArray(const Range& values) {
  std::string out = "{";
  for (const auto& value : values) {
    if (out.size() > 1) out += ',';
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(value)>>) {
      absl::StrAppend(&out, value);
    } else {
      out += '"';
      for (const char c : absl::string_view(value)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    }
  }
  return out + "}";
}

}  // namespace arasta::pg
