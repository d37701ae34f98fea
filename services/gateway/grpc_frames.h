// gRPC's message frames: a flag byte (bit 0: compressed), four bytes of big-endian length, the message.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/gateway/byte_queue.h"

namespace arasta::gateway {

inline constexpr size_t kFrameHeadSize = 5;
inline constexpr uint8_t kCompressedFlag = 1;
// For a scanner that refuses nothing.
inline constexpr uint32_t kAnyLength = UINT32_MAX;
inline constexpr uint8_t kAnyFlags = 0xff;

std::array<char, kFrameHeadSize> FrameHead(uint8_t flags, uint32_t length);
void AppendFrame(uint8_t flags, absl::string_view message, ByteQueue& frames);

struct Frame {
  uint8_t flags = 0;
  absl::string_view message;

  size_t size() const { return kFrameHeadSize + message.size(); }
};

// Of the first message of `frames`; none while that is not said.
absl::optional<uint32_t> FirstLength(absl::string_view frames);
// The first of `frames`; none while it is not all there. RESOURCE_EXHAUSTED for a message over the limit.
absl::StatusOr<absl::optional<Frame>> FirstFrame(absl::string_view frames, uint32_t max_message_bytes);

absl::Status MessageTooLarge(uint64_t size, uint64_t limit);
// INTERNAL
absl::Status UnknownFrameFlags();

// Follows the frames in a stream of bytes that arrive in any pieces, without keeping any of them.
class FrameScanner {
 public:
  explicit FrameScanner(uint32_t max_message_bytes, uint8_t known_flags = 0)
      : max_message_bytes_(max_message_bytes), known_flags_(known_flags) {}

  // RESOURCE_EXHAUSTED for a message over the limit, INTERNAL for flags that nobody announced.
  absl::Status Scan(absl::string_view bytes);

  // Messages that have begun.
  int begun() const { return begun_; }
  // The bytes so far end with the end of a message.
  bool at_boundary() const { return rest_ == 0 && head_size_ == 0; }

 private:
  uint32_t max_message_bytes_;
  uint8_t known_flags_;
  std::array<unsigned char, kFrameHeadSize> head_{};
  size_t head_size_ = 0;
  uint32_t rest_ = 0;  // of the message under way
  int begun_ = 0;
};

}  // namespace arasta::gateway
