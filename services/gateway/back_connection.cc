#include "services/gateway/back_connection.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "services/gateway/backend.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/gzip_inflater.h"
#include "services/gateway/tls.h"

namespace arasta::gateway {
namespace {

constexpr uint32_t kMaxCalls = 2000;
constexpr absl::string_view kUnavailable = "14";

absl::Status Lost(absl::string_view why) {
  return Error(absl::StatusCode::kUnavailable, "BACKEND_UNAVAILABLE", why);
}

Again AgainAfterReset(uint32_t error_code) {
  if (error_code == NGHTTP2_REFUSED_STREAM) return Again::kAlways;
  return error_code == NGHTTP2_CANCEL ? Again::kIfIdempotent : Again::kNever;
}

}  // namespace

void BackCall::RequestChanged() {
  if (connection_ != nullptr) connection_->ResumeBody(stream_id_);
}

void BackCall::CreditResponse(size_t count) {
  if (connection_ != nullptr) connection_->Credit(stream_id_, count);
}

void BackCall::Cancel() {
  if (connection_ != nullptr) connection_->Cancel(*this);
  if (waiting_in_ != nullptr) waiting_in_->Forget(*this);
}

BackConnection::BackConnection(Loop& loop, Socket socket, Owner& owner, const BackendOptions& options)
    : Http2Link(loop, std::move(socket), /*connecting=*/true, Role::kClient, Limits()),
      owner_(owner),
      expected_peer_(options.expected_peer) {
  nghttp2_session_set_next_stream_id(session(), options.first_stream_id);
  if (options.tls != nullptr) this->socket().StartTls(*options.tls);
}

bool BackConnection::CanTake() const {
  if (!ready() || draining_) return false;
  return calls_.size() < Capacity() && nghttp2_session_check_request_allowed(session());
}

size_t BackConnection::Capacity() const {
  const uint32_t allowed =
      nghttp2_session_get_remote_settings(session(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return std::min(allowed, kMaxCalls);
}

void BackConnection::Start(BackCall& call) {
  const int32_t stream_id = SubmitRequest(call.request_head_, &call, nullptr);
  // nghttp2 has its own copy, which goes when it is sent.
  call.request_head_ = HeaderBlock();
  if (stream_id < 0) return call.OnBroken(Lost("no stream is left on the connection"), Again::kAlways);
  call.connection_ = this;
  call.stream_id_ = stream_id;
  call.started_ns_ = loop().now_ns();
  calls_.emplace(stream_id, &call);
  if (nghttp2_session_check_request_allowed(session()) == 0) TakeNoMore();
}

// The stream ids are used up.
void BackConnection::TakeNoMore() {
  if (draining_) return;
  Retire();
  owner_.OnDraining(*this);
}

// Our own GOAWAY makes that the connection ends with its last call.
void BackConnection::Retire() {
  if (!ready()) return Abandon("not wanted any more");
  draining_ = true;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
  FlushSoon();
}

void BackConnection::Cancel(BackCall& call) {
  const int32_t stream_id = call.stream_id_;
  // A backend that hangs is not answered by anybody but the clients' deadlines.
  if (!call.head_seen_) Measure(call);
  Finish(stream_id);
  Reset(stream_id, NGHTTP2_CANCEL);
}

void BackConnection::Abandon(absl::string_view why) {
  failure_ = std::string(why);
  Close();
}

BackCall* BackConnection::Find(int32_t stream_id) const {
  const auto found = calls_.find(stream_id);
  return found == calls_.end() ? nullptr : found->second;
}

// From here on the call and its stream know nothing of each other.
void BackConnection::Finish(int32_t stream_id) {
  const auto found = calls_.find(stream_id);
  found->second->connection_ = nullptr;
  calls_.erase(found);
}

void BackConnection::Break(int32_t stream_id, const absl::Status& status, Again again) {
  BackCall* call = Find(stream_id);
  if (call == nullptr) return;
  Finish(stream_id);
  call->OnBroken(status, again);
}

void BackConnection::Judge(bool failed) {
  failures_in_row_ = failed ? failures_in_row_ + 1 : 0;
  if (failures_in_row_ >= kFailuresInRow) owner_.OnFailing(*this);
}

void BackConnection::Measure(const BackCall& call) {
  if (!call.timed_) return;
  const int64_t now_ns = loop().now_ns();
  if (latency_.Add(now_ns - call.started_ns_, now_ns)) owner_.OnMeasured(*this);
}

void BackConnection::OnConnected() {
  if (socket().tls() == nullptr) return;
  if (const absl::Status peer = CheckPeer(socket().tls(), expected_peer_); !peer.ok())
    Abandon(peer.message());
}

void BackConnection::OnSettings() {
  if (!std::exchange(greeted_, true)) owner_.OnReady(*this);
}

void BackConnection::OnClosed() {
  if (!greeted_ && failure_.empty()) {
    failure_ = connected() ? "closed before it spoke" : absl::StrCat("cannot connect: ", connect_error());
  }
  const absl::Status status = Lost("the connection to the service was lost");
  while (!calls_.empty()) {
    const int32_t stream_id = calls_.begin()->first;
    const bool never_left = nghttp2_session_find_stream(session(), stream_id) == nullptr;
    Break(stream_id, status, never_left ? Again::kAlways : Again::kIfIdempotent);
  }
  owner_.OnGone(*this, failure_);
}

void BackConnection::OnBeginHeaders(int32_t stream_id) {
  if (BackCall* call = Find(stream_id)) {
    call->incoming_.Clear();
    call->http_status_ = 0;
  }
}

bool BackConnection::OnHeader(int32_t stream_id, absl::string_view name, absl::string_view value,
                              bool never_index) {
  BackCall* call = Find(stream_id);
  if (call == nullptr) return true;
  if (name == ":status") {
    return absl::SimpleAtoi(value, &call->http_status_);
  }
  // What a client may send is what we take, not what the backend does.
  if (name == "grpc-accept-encoding") value = kAcceptedEncodings;
  call->incoming_.Add(name, value, never_index ? Indexing::kNever : Indexing::kAllowed);
  return true;
}

void BackConnection::OnHeadersComplete(int32_t stream_id, bool end_stream) {
  BackCall* call = Find(stream_id);
  if (call == nullptr || call->http_status_ / 100 == 1) return;
  Deliver(stream_id, *call, end_stream);
}

void BackConnection::Deliver(int32_t stream_id, BackCall& call, bool end_stream) {
  if (!call.head_seen_) Measure(call);
  const bool trailers = call.head_seen_ || end_stream;
  const int http_status = call.head_seen_ ? 200 : call.http_status_;
  call.head_seen_ = true;
  const auto content_type = call.incoming_.Find("content-type");
  const bool is_grpc =
      http_status == 200 && content_type && absl::StartsWith(*content_type, "application/grpc");
  if (!trailers && is_grpc) return call.OnHead(call.incoming_);
  if (nghttp2_session_get_stream_local_close(session(), stream_id) == 0 || !end_stream) {
    Reset(stream_id, NGHTTP2_CANCEL);
  }
  const auto grpc_status = call.incoming_.Find("grpc-status");
  if (trailers && grpc_status) {
    Finish(stream_id);
    Judge(*grpc_status == kUnavailable);
    return call.OnTrailers(call.incoming_);
  }
  Judge(/*failed=*/true);
  const absl::StatusCode code = CodeFromHttpStatus(http_status);
  Break(stream_id,
        absl::Status(code, absl::StrCat("the backend answered HTTP ", http_status, " without a gRPC status")),
        code == absl::StatusCode::kUnavailable ? Again::kIfIdempotent : Again::kNever);
}

void BackConnection::OnData(int32_t stream_id, absl::string_view bytes) {
  if (BackCall* call = Find(stream_id)) call->OnData(bytes);
}

void BackConnection::OnEndOfData(int32_t stream_id) {
  if (Find(stream_id) == nullptr) return;
  Reset(stream_id, NGHTTP2_CANCEL);
  Judge(/*failed=*/true);
  Break(stream_id, absl::UnknownError("the backend ended the call without a status"), Again::kNever);
}

// A stream that the backend's GOAWAY leaves out is closed as refused, too. gRPC's servers cancel what comes
// in the moment before it, but also what they give up in the middle.
void BackConnection::OnStreamClose(int32_t stream_id, uint32_t error_code) {
  if (Find(stream_id) != nullptr) {
    Judge(/*failed=*/true);
    Break(stream_id,
          absl::Status(CodeFromReset(error_code),
                       absl::StrCat("the backend reset the call: ", nghttp2_http2_strerror(error_code))),
          AgainAfterReset(error_code));
  }
  owner_.OnRoom(*this);
}

// Queued in the turn in which the backend's GOAWAY came.
void BackConnection::OnNotSent(int32_t stream_id) {
  Break(stream_id, Lost("the service is draining"), Again::kAlways);
}

void BackConnection::OnGoaway() {
  if (std::exchange(draining_, true)) return;
  owner_.OnDraining(*this);
}

}  // namespace arasta::gateway
