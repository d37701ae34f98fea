// One gzip text after the other, inflated in steps of bounded size. How much comes out is known before any of
// it is made: gzip says so at its end, and is held to it.
#pragma once

#include <zlib.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace arasta::gateway {

// What requests may be compressed with, as grpc-accept-encoding says it.
inline constexpr absl::string_view kAcceptedEncodings = "identity,gzip";

// Whether a request is gzip, which may also be identity, or not say. UNIMPLEMENTED, COMPRESSION_UNSUPPORTED.
absl::StatusOr<bool> IsGzip(absl::string_view encoding);

class GzipInflater {
 public:
  GzipInflater();
  ~GzipInflater();
  GzipInflater(const GzipInflater&) = delete;
  GzipInflater& operator=(const GzipInflater&) = delete;

  // The size that `gzip`, which is all of it, says that it inflates to. INTERNAL, NOT_GZIP.
  static absl::StatusOr<uint32_t> SizeOf(absl::string_view gzip);

  // Begins with a text that inflates to `size` bytes.
  void Begin(uint32_t size);
  // Takes from the front of what is left of the text and returns how much of `out` it filled. INTERNAL,
  // NOT_GZIP for anything but one gzip text of the size that was promised.
  absl::StatusOr<size_t> Step(absl::string_view& gzip, absl::Span<char> out);
  bool done() const { return done_; }

 private:
  z_stream stream_{};
  uint32_t rest_ = 0;  // of what was promised
  bool done_ = false;
};

}  // namespace arasta::gateway
