// What a client's HTTP/2 connection remembers of streams that are over. nghttp2 ignores frames for those, as
// they may have been on their way when we ended the stream; of the client that ended it itself, no more was
// to come.
#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace arasta::gateway {

class ClosedStreams {
 public:
  // HEADERS for the stream have come, for the first time or again. The idle ones below it are closed by that.
  void OnHeaders(int32_t id) {
    if (id <= newest_) return;
    if (id > newest_ + 2) {
      skipped_from_ = newest_ + 1;
      skipped_to_ = id - 1;
    }
    newest_ = id;
  }
  // The stream is closed and the client had ended or reset it.
  void OnEndedByClient(int32_t id) {
    ended_[next_] = id;
    next_ = (next_ + 1) % ended_.size();
  }

  int32_t newest() const { return newest_; }

  // What is wrong with DATA or HEADERS for the stream; NGHTTP2_NO_ERROR where that may be right.
  uint32_t ErrorOf(int32_t id) const {
    if (id == 0) return NGHTTP2_NO_ERROR;  // the connection
    if (id >= skipped_from_ && id <= skipped_to_) return NGHTTP2_PROTOCOL_ERROR;
    return std::find(ended_.begin(), ended_.end(), id) == ended_.end() ? NGHTTP2_NO_ERROR
                                                                       : NGHTTP2_STREAM_CLOSED;
  }

 private:
  // The latest; who is late by more than that is ignored.
  std::array<int32_t, 16> ended_{};
  size_t next_ = 0;
  int32_t newest_ = 0;
  // The last jump of the client's numbers.
  int32_t skipped_from_ = 0;
  int32_t skipped_to_ = -1;
};

}  // namespace arasta::gateway
