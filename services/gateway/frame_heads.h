// Where the frames of a client's HTTP/2 connection begin. nghttp2 tells of those that it makes something of;
// this, of all.
#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::gateway {

class FrameHeads {
 public:
  struct Head {
    uint8_t type;
    int32_t stream_id;
    int32_t depends_on;  // of PRIORITY
  };

  // Takes bytes up to the end of the next head; all of them where it is not complete yet.
  absl::optional<Head> Next(absl::string_view& bytes) {
    const size_t skipped = std::min(to_skip_, bytes.size());
    bytes.remove_prefix(skipped);
    to_skip_ -= skipped;
    if (!Hold(kFrameHead, bytes)) return absl::nullopt;
    const bool depends = Type() == NGHTTP2_PRIORITY && Length() >= kStreamId;
    if (depends && !Hold(kFrameHead + kStreamId, bytes)) return absl::nullopt;
    to_skip_ = Length() - (held_ - kFrameHead);
    held_ = 0;
    return Head{Type(), Number(5), depends ? Number(kFrameHead) : 0};
  }

 private:
  static constexpr size_t kFrameHead = 9;
  static constexpr size_t kStreamId = 4;

  // False while there are not that many.
  bool Hold(size_t count, absl::string_view& bytes) {
    const size_t taken = std::min(count - std::min(count, held_), bytes.size());
    std::copy_n(bytes.begin(), taken, head_.begin() + held_);
    bytes.remove_prefix(taken);
    held_ += taken;
    return held_ >= count;
  }
  uint8_t Type() const { return head_[3]; }
  size_t Length() const { return size_t{head_[0]} << 16 | size_t{head_[1]} << 8 | head_[2]; }
  int32_t Number(size_t at) const {
    return (head_[at] & 0x7f) << 24 | head_[at + 1] << 16 | head_[at + 2] << 8 | head_[at + 3];
  }

  size_t to_skip_ = NGHTTP2_CLIENT_MAGIC_LEN;
  std::array<uint8_t, kFrameHead + kStreamId> head_{};
  size_t held_ = 0;
};

}  // namespace arasta::gateway
