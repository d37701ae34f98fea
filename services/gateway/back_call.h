// One call to a backend as its caller sees it: gRPC over HTTP/2, with the request flowing out of a queue.
#pragma once

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/http2_link.h"

namespace arasta::gateway {

class BackConnection;
class Backend;

// Whether a call that broke may be made again.
enum class Again {
  kNever,
  kIfIdempotent,  // the backend may have carried it out
  kAlways,        // the backend never saw it
};

// Started by Backend::Start, and once more after OnTrailers or OnBroken if it likes. Destroying or cancelling
// it resets the stream; no event comes after that, nor after OnTrailers or OnBroken.
class BackCall : public OutgoingBody {
 public:
  BackCall() = default;
  virtual ~BackCall() { Cancel(); }
  BackCall(const BackCall&) = delete;
  BackCall& operator=(const BackCall&) = delete;

  // Initial metadata, content-type included. The block may be taken.
  virtual void OnHead(HeaderBlock& head) = 0;
  // Message frames; every byte is to be credited in time.
  virtual void OnData(absl::string_view bytes) = 0;
  // The end as the backend gave it, grpc-status included; without OnHead before, it came with no messages.
  virtual void OnTrailers(HeaderBlock& trailers) = 0;
  // The end without a word from the backend: reset, connection lost, none to be had.
  virtual void OnBroken(const absl::Status& status, Again again) = 0;

  // More request bytes, or their end.
  void RequestChanged();
  void CreditResponse(size_t count);
  void Cancel();
  bool active() const { return connection_ != nullptr || waiting_in_ != nullptr; }

  ByteQueue& bytes() final { return request_; }
  bool complete() const final { return request_complete_; }
  const HeaderBlock& trailers() const final { return no_trailers_; }

 protected:
  ByteQueue request_;
  bool request_complete_ = false;
  // Whether the time to the first word of the answer is all the backend's.
  bool timed_ = false;

 private:
  friend class BackConnection;
  friend class Backend;

  const HeaderBlock no_trailers_{};
  HeaderBlock request_head_;
  // The head, then the trailers, while they arrive.
  HeaderBlock incoming_;
  int http_status_ = 0;
  bool head_seen_ = false;
  BackConnection* connection_ = nullptr;
  int32_t stream_id_ = 0;
  int64_t started_ns_ = 0;
  Backend* waiting_in_ = nullptr;
  // Line::place of where the call went last, or 0: another place is tried first when it is made again.
  uint64_t went_to_ = 0;
};

}  // namespace arasta::gateway
