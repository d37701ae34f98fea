// What was wrong, and in which field: put together on the way out of nested values, so that it costs nothing
// while all is well. Values are never quoted.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace arasta::gateway {

// All but status() return false, so that what fails can say so in one line.
class MappingFailure {
 public:
  bool Say(absl::string_view what) {
    what_ = std::string(what);
    return false;
  }
  bool InField(absl::string_view name) { return Within(std::string(name)); }
  bool InElement(size_t index) { return Within(absl::StrCat("[", index, "]")); }
  // `key` as it stands in a text, of any length.
  bool InKey(absl::string_view key) { return Within(absl::StrCat("[\"", Clipped(key), "\"]")); }

  absl::Status status() const {
    return path_.empty() ? absl::InvalidArgumentError(what_) : InvalidField(path_, what_);
  }

  // What a client sent is told back only so far.
  static std::string Clipped(absl::string_view text) {
    constexpr size_t kMost = 40;
    if (text.size() <= kMost) return std::string(text);
    size_t length = kMost;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    return absl::StrCat(text.substr(0, length), "...");
  }

 private:
  bool Within(std::string piece) {
    if (!path_.empty() && path_.front() != '[') piece += '.';
    path_.insert(0, piece);
    return false;
  }

  std::string what_;
  std::string path_;
};

}  // namespace arasta::gateway
