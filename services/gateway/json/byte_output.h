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
  ByteOutput(std::string& target, size_t expected) : target_(target) {
    const size_t size = target_.size();
    target_.resize(size + expected);
    GoOnAt(size);
  }
  ~ByteOutput() { target_.resize(size()); }
  ByteOutput(const ByteOutput&) = delete;
  ByteOutput& operator=(const ByteOutput&) = delete;

  // Of the whole string.
  size_t size() const { return static_cast<size_t>(next_ - target_.data()); }
  absl::string_view From(size_t offset) const {
    return absl::string_view(target_.data() + offset, size() - offset);
  }
  void Truncate(size_t size) { next_ = &target_[size]; }
  void Erase(size_t offset, size_t count) {
    std::memmove(&target_[offset], &target_[offset + count], size() - offset - count);
    next_ -= count;
  }

  // At least `bytes` may be written there; then SetEnd says how far it was.
  char* Room(size_t bytes) {
    if (static_cast<size_t>(limit_ - next_) < bytes) Grow(bytes);
    return next_;
  }
  void SetEnd(char* end) { next_ = end; }
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
  void Grow(size_t bytes) {
    const size_t size = this->size();
    target_.resize(2 * target_.size() + bytes);
    GoOnAt(size);
  }
  void GoOnAt(size_t offset) {
    next_ = target_.data() + offset;
    limit_ = target_.data() + target_.size();
  }

  std::string& target_;
  char* next_;
  char* limit_;
};

}  // namespace arasta::gateway
