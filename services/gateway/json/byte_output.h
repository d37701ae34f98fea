// Bytes appended to a string of the caller's, with room made for a piece at a time and not checked for each
// byte.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

class ByteOutput {
 public:
  // `expected` is how much is likely to come.
  ByteOutput(std::string& target, size_t expected) : target_(target), next_(target.size()) {
    target_.resize(next_ + expected);
  }
  ~ByteOutput() { target_.resize(next_); }
  ByteOutput(const ByteOutput&) = delete;
  ByteOutput& operator=(const ByteOutput&) = delete;

  // Of the whole string.
  size_t size() const { return next_; }
  absl::string_view From(size_t offset) const {
    return absl::string_view(target_.data() + offset, next_ - offset);
  }
  void Truncate(size_t size) { next_ = size; }
  void Erase(size_t offset, size_t count) {
    std::memmove(&target_[offset], &target_[offset + count], next_ - offset - count);
    next_ -= count;
  }

  // At least `bytes` may be written there; then SetEnd says how far it was.
  char* Room(size_t bytes) {
    if (target_.size() - next_ < bytes) target_.resize(2 * target_.size() + bytes);
    return &target_[next_];
  }
  void SetEnd(const char* end) { next_ = static_cast<size_t>(end - target_.data()); }
  char* At(size_t offset) { return &target_[offset]; }

  void Append(char byte) {
    *Room(1) = byte;
    ++next_;
  }
  void Append(absl::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
    next_ += bytes.size();
  }
  void Append(const char* bytes) { Append(absl::string_view(bytes)); }

 private:
  std::string& target_;
  size_t next_;
};

}  // namespace arasta::gateway
