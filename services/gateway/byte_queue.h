// Bytes on their way from one side of an exchange to the other: appended at the back, taken at the front.
// Memory is given back when the queue runs empty, so that thousands of idle streams cost next to nothing; a
// request is held a while longer, in place, as it may have to be sent again.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

class ByteQueue {
 public:
  size_t size() const { return bytes_.size() - taken_; }
  bool empty() const { return size() == 0; }
  // What it takes of memory; more than its size.
  size_t memory() const { return bytes_.capacity(); }
  absl::string_view front() const { return absl::string_view(bytes_).substr(taken_); }

  void Append(absl::string_view bytes) {
    if (bytes_.size() + bytes.size() > kMaxHeld) held_ = false;
    if (!held_ && taken_ > kCompactAt && taken_ > size()) {
      bytes_.erase(0, taken_);
      taken_ = 0;
      whole_ = false;
    }
    bytes_.append(bytes.data(), bytes.size());
  }

  void Take(size_t count) {
    taken_ += count;
    if (!held_ && taken_ == bytes_.size()) Clear();
  }

  // What is taken stays, up to a bound, so that it can be taken again.
  void Hold() { held_ = true; }
  void Release() {
    held_ = false;
    Take(0);
  }
  // Back to the first byte that was ever appended; false when that is gone.
  bool Rewind() {
    if (whole_) taken_ = 0;
    return whole_;
  }

 private:
  static constexpr size_t kKeep = 1024;
  static constexpr size_t kCompactAt = 16 * 1024;
  static constexpr size_t kMaxHeld = 64 * 1024;

  void Clear() {
    whole_ = whole_ && bytes_.empty();
    taken_ = 0;
    if (bytes_.capacity() > kKeep) {
      std::string().swap(bytes_);
    } else {
      bytes_.clear();
    }
  }

  std::string bytes_;
  size_t taken_ = 0;
  bool held_ = false;
  bool whole_ = true;
};

}  // namespace arasta::gateway
