// Base64 that arrives in any pieces, and may itself be several padded texts one after the other, as
// gRPC-Web's text mode sends it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

class Base64Decoder {
 public:
  // Appends what can be decoded so far; false for a character or a padding that does not belong there.
  bool Decode(absl::string_view text, std::string& out);
  // False when the text ended within a group of four.
  bool Finish() const { return count_ == 0; }

 private:
  bool DecodeGroup(std::string& out);

  std::array<char, 4> group_{};
  size_t count_ = 0;
};

}  // namespace arasta::gateway
