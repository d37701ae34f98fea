// Bytes on their way from one side of an exchange to the other: appended at the back, taken at the front.
// Memory is given back when the queue runs empty, so that thousands of idle streams cost next to nothing.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

class ByteQueue {
 public:
  size_t size() const { return bytes_.size() - taken_; }
  bool empty() const { return size() == 0; }
  absl::string_view front() const { return absl::string_view(bytes_).substr(taken_); }

  void Append(absl::string_view bytes) {
    if (taken_ > kCompactAt && taken_ > size()) {
      bytes_.erase(0, taken_);
      taken_ = 0;
    }
    bytes_.append(bytes.data(), bytes.size());
  }

  void Take(size_t count) {
    taken_ += count;
    if (taken_ < bytes_.size()) return;
    taken_ = 0;
    if (bytes_.capacity() > kKeep) {
      std::string().swap(bytes_);
    } else {
      bytes_.clear();
    }
  }

 private:
  static constexpr size_t kKeep = 1024;
  static constexpr size_t kCompactAt = 16 * 1024;

  std::string bytes_;
  size_t taken_ = 0;
};

}  // namespace arasta::gateway
