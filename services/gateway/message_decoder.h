// Between a codec and the backend's queue, where request messages are not yet what backends take: gzip is
// inflated, another format is mapped. Backends get protobuf, uncompressed: gRPC's C++ server would inflate a
// message before it looks at its own limit.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/gateway/byte_queue.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/gzip_inflater.h"

namespace arasta::gateway {

// Appends what a message is in protobuf's wire format.
using MessageMap = std::function<absl::Status(absl::string_view message, std::string& wire)>;

// What waits here is no more than what the client has sent: a message stays compressed until the backend's
// queue has room, and goes there in pieces. So the memory of a bomb is the bomb's, and its work ends at the
// limit.
class MessageDecoder {
 public:
  struct Options {
    uint32_t max_message_bytes = 0;  // as sent, and inflated
    bool gzip = false;               // flag 1 was announced
    MessageMap map = nullptr;        // none: they are protobuf
  };

  explicit MessageDecoder(Options options) : options_(std::move(options)) {}

  // Message frames as they come; append, then Advance.
  ByteQueue& input() { return input_; }
  // Appends plain frames while `frames` holds less than kEnough. RESOURCE_EXHAUSTED for a message over the
  // limit, INTERNAL for flags that nobody announced and for what is not gzip; what the map says.
  absl::Status Advance(ByteQueue& frames);
  // Everything that could be decoded has been: what is left is the beginning of a message, or nothing.
  bool starved() const { return starved_; }
  bool empty() const { return input_.empty(); }

  static constexpr size_t kEnough = 64 * 1024;

 private:
  absl::Status Decode(const Frame& frame, ByteQueue& frames);
  absl::Status Append(absl::string_view message, ByteQueue& frames) const;
  absl::StatusOr<uint32_t> BeginInflating(absl::string_view gzip);
  absl::Status InflateSome(ByteQueue& frames);
  absl::StatusOr<std::string> InflateAll(absl::string_view gzip);

  const Options options_;
  ByteQueue input_;
  bool starved_ = true;
  absl::optional<GzipInflater> inflater_;
  bool inflating_ = false;
  size_t gzip_rest_ = 0;  // of the message under way, at the front of input_
};

}  // namespace arasta::gateway
