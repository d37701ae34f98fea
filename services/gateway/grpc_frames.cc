#include "services/gateway/grpc_frames.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace arasta::gateway {

std::array<char, kFrameHeadSize> FrameHead(uint8_t flags, uint32_t length) {
  return {static_cast<char>(flags), static_cast<char>(length >> 24), static_cast<char>(length >> 16),
          static_cast<char>(length >> 8), static_cast<char>(length)};
}

absl::Status FrameScanner::Scan(absl::string_view bytes) {
  while (!bytes.empty()) {
    if (rest_ > 0) {
      const auto skipped = static_cast<uint32_t>(std::min<size_t>(rest_, bytes.size()));
      rest_ -= skipped;
      bytes.remove_prefix(skipped);
      continue;
    }
    head_[head_size_++] = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (head_size_ < kFrameHeadSize) continue;
    head_size_ = 0;
    ++begun_;
    if (head_[0] != 0)
      return Error(absl::StatusCode::kInternal, "UNKNOWN_FRAME_FLAGS",
                   "a message frame with flags that were not announced");
    rest_ = static_cast<uint32_t>(head_[1]) << 24 | static_cast<uint32_t>(head_[2]) << 16 |
            static_cast<uint32_t>(head_[3]) << 8 | static_cast<uint32_t>(head_[4]);
    if (rest_ > max_message_bytes_) {
      return Error(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                   absl::StrCat("a message of ", rest_, " bytes is over the limit of ", max_message_bytes_));
    }
  }
  return absl::OkStatus();
}

}  // namespace arasta::gateway
