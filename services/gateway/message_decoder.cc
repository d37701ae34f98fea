#include "services/gateway/message_decoder.h"

#include <array>

#include "common/base/status_macros.h"

namespace arasta::gateway {
namespace {

constexpr size_t kStep = 16 * 1024;

}  // namespace

absl::Status MessageDecoder::Advance(ByteQueue& frames) {
  starved_ = false;
  while (frames.size() < kEnough) {
    if (inflating_) {
      RETURN_IF_ERROR(InflateSome(frames));
      continue;
    }
    ASSIGN_OR_RETURN(const absl::optional<Frame> frame,
                     FirstFrame(input_.front(), options_.max_message_bytes));
    if (!frame) {
      starved_ = true;
      break;
    }
    RETURN_IF_ERROR(Decode(*frame, frames));
  }
  return absl::OkStatus();
}

absl::Status MessageDecoder::Decode(const Frame& frame, ByteQueue& frames) {
  const bool compressed = frame.flags == kCompressedFlag && options_.gzip;
  if (!compressed && frame.flags != 0) return UnknownFrameFlags();
  // Nothing at all is the empty message, compressed or not.
  if (!compressed || frame.message.empty()) {
    RETURN_IF_ERROR(Append(frame.message, frames));
  } else if (options_.map) {
    ASSIGN_OR_RETURN(const std::string message, InflateAll(frame.message));
    RETURN_IF_ERROR(Append(message, frames));
  } else {
    ASSIGN_OR_RETURN(const uint32_t size, BeginInflating(frame.message));
    const auto head = FrameHead(0, size);
    frames.Append(absl::string_view(head.data(), head.size()));
    inflating_ = true;
    gzip_rest_ = frame.message.size();
    input_.Take(kFrameHeadSize);
    return absl::OkStatus();
  }
  input_.Take(frame.size());
  return absl::OkStatus();
}

absl::Status MessageDecoder::Append(absl::string_view message, ByteQueue& frames) const {
  std::string wire;
  if (options_.map) {
    RETURN_IF_ERROR(options_.map(message, wire));
    message = wire;
  }
  AppendFrame(0, message, frames);
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> MessageDecoder::BeginInflating(absl::string_view gzip) {
  ASSIGN_OR_RETURN(const uint32_t size, GzipInflater::SizeOf(gzip));
  if (size > options_.max_message_bytes) return MessageTooLarge(size, options_.max_message_bytes);
  if (!inflater_) inflater_.emplace();
  inflater_->Begin(size);
  return size;
}

absl::Status MessageDecoder::InflateSome(ByteQueue& frames) {
  std::array<char, kStep> out;
  absl::string_view gzip = input_.front().substr(0, gzip_rest_);
  ASSIGN_OR_RETURN(const size_t made, inflater_->Step(gzip, absl::MakeSpan(out)));
  frames.Append(absl::string_view(out.data(), made));
  input_.Take(gzip_rest_ - gzip.size());
  gzip_rest_ = gzip.size();
  inflating_ = !inflater_->done();
  return absl::OkStatus();
}

absl::StatusOr<std::string> MessageDecoder::InflateAll(absl::string_view gzip) {
  ASSIGN_OR_RETURN(const uint32_t size, BeginInflating(gzip));
  std::string message(size, '\0');
  for (size_t made = 0; !inflater_->done();) {
    ASSIGN_OR_RETURN(const size_t count, inflater_->Step(gzip, absl::MakeSpan(message).subspan(made)));
    made += count;
  }
  return message;
}

}  // namespace arasta::gateway
