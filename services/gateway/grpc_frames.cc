#include "services/gateway/grpc_frames.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace arasta::gateway {
namespace {

uint32_t LengthIn(const unsigned char* head) {
  return uint32_t{head[1]} << 24 | uint32_t{head[2]} << 16 | uint32_t{head[3]} << 8 | uint32_t{head[4]};
}

}  // namespace

std::array<char, kFrameHeadSize> FrameHead(uint8_t flags, uint32_t length) {
  return {static_cast<char>(flags), static_cast<char>(length >> 24), static_cast<char>(length >> 16),
          static_cast<char>(length >> 8), static_cast<char>(length)};
}

void AppendFrame(uint8_t flags, absl::string_view message, ByteQueue& frames) {
  const auto head = FrameHead(flags, static_cast<uint32_t>(message.size()));
  frames.Append(absl::string_view(head.data(), head.size()));
  frames.Append(message);
}

absl::Status MessageTooLarge(uint64_t size, uint64_t limit) {
  return Error(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
               absl::StrCat("a message of ", size, " bytes is over the limit of ", limit));
}

absl::Status UnknownFrameFlags() {
  return Error(absl::StatusCode::kInternal, "UNKNOWN_FRAME_FLAGS",
               "a message frame with flags that were not announced");
}

absl::optional<uint32_t> FirstLength(absl::string_view frames) {
  if (frames.size() < kFrameHeadSize) return absl::nullopt;
  return LengthIn(reinterpret_cast<const unsigned char*>(frames.data()));
}

absl::StatusOr<absl::optional<Frame>> FirstFrame(absl::string_view frames, uint32_t max_message_bytes) {
  const absl::optional<uint32_t> length = FirstLength(frames);
  if (!length) return absl::nullopt;
  if (*length > max_message_bytes) return MessageTooLarge(*length, max_message_bytes);
  if (frames.size() < kFrameHeadSize + *length) return absl::nullopt;
  return Frame{static_cast<uint8_t>(frames[0]), frames.substr(kFrameHeadSize, *length)};
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
    if ((head_[0] & ~known_flags_) != 0) return UnknownFrameFlags();
    rest_ = LengthIn(head_.data());
    if (rest_ > max_message_bytes_) return MessageTooLarge(rest_, max_message_bytes_);
  }
  return absl::OkStatus();
}

}  // namespace arasta::gateway
