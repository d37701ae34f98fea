// An exchange's dealings with the backend: sending the call, sending it again, and passing on what comes
// back. Once the client has been told anything of the answer, there is no other attempt.
#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "services/gateway/call_ids.h"
#include "services/gateway/exchange.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/grpc_timeout.h"

namespace arasta::gateway {
namespace {

constexpr int kMaxAttempts = 4;
// gRPC counts in whole milliseconds, and may round to either side.
constexpr int64_t kGrpcClockNs = 3'000'000;

bool TurnedAway(const HeaderBlock& trailers) {
  return StatusCodeOf(trailers) == absl::StatusCode::kResourceExhausted;
}

}  // namespace

void Exchange::SendToBackend() {
  if (DeadlineWithin(0)) return OnDeadline();
  sent_ = true;
  sent_ns_ = context_.loop.now_ns();
  ++record_.attempts;
  timed_ = request_complete_ && !method_->server_streaming;
  BackendHeadAdditions additions;
  additions.path = method_->path;
  const std::string content_type = codec_->BackendContentType(head_.content_type);
  std::string timeout;
  if (deadline_ns_ != 0)
    timeout = FormatGrpcTimeout(absl::Nanoseconds(deadline_ns_ - context_.loop.now_ns()));
  additions.content_type = content_type;
  additions.grpc_timeout = timeout;
  additions.client_address = client_address_;
  additions.client_certificate = client_.peer().certificate;
  additions.request_id = request_id_;
  additions.traceparent = traceparent_;
  additions.continues_trace = Continues(traceparent_, head_.traceparent);
  additions.from_browser = codec_->from_browser();
  context_.backends[method_->backend]->Start(*this, ToBackendHead(fields_, head_, additions));
}

bool Exchange::TryAgain(Again again, const HeaderBlock& answer) {
  if (answer_passed_on_ || record_.attempts >= kMaxAttempts) return false;
  const bool safe = again == Again::kAlways || (again == Again::kIfIdempotent && method_->idempotent);
  if (!safe || !request_.Rewind()) return false;
  // What a backend refused untouched is no load; the rest must not add up while all of them are ill.
  if (again == Again::kIfIdempotent && !context_.backends[method_->backend]->TakeRetry()) return false;
  if (again == Again::kIfIdempotent && !TurnedAway(answer)) doubt_ = answer;
  held_head_.reset();
  SendToBackend();
  return true;
}

void Exchange::OnTaken(size_t count) {
  CountBuffers();
  if (!decoder_) return CreditRequest(count);
  const bool waits = !decoder_->starved();
  if (waits && request_.size() < MessageDecoder::kEnough) PassRequest(request_.size(), 0);
}

// Where the codec shrank the body (base64), or the decoder changes it, the rest follows when nothing waits.
void Exchange::CreditRequest(size_t taken) {
  const bool nothing_waits = decoder_ ? decoder_->starved() : request_.empty();
  const size_t credit = nothing_waits ? request_uncredited_
                        : decoder_    ? 0
                                      : std::min(taken, request_uncredited_);
  request_uncredited_ -= credit;
  if (credit > 0) client_.CreditRequest(credit);
}

// In proportion: what the codec has made of the backend's bytes may be more than those (base64, JSON), or
// less.
void Exchange::OnAnswerTaken(size_t count) {
  const size_t waited = count + answer_.queue.size();
  const size_t credit = waited == 0 ? 0 : answer_uncredited_ * count / waited;
  answer_uncredited_ -= credit;
  if (credit > 0) CreditResponse(credit);
  if (answer_.queue.empty() && !page_rest_.empty()) SendPiece();
  CountBuffers();
  if (finished_) return AwaitTaking();
  if (method_->answer_here) AnswerHere();
}

// A unary answer without a message may still be replaced by that of another attempt.
void Exchange::OnHead(HeaderBlock& head) {
  NoteFirstWord();
  if (method_->idempotent && !method_->server_streaming) {
    held_head_ = std::move(head);
  } else {
    PassHead(head);
  }
}

void Exchange::PassHead(const HeaderBlock& head) {
  answer_passed_on_ = true;
  request_.Release();
  codec_->Head(head, *this);
}

void Exchange::OnData(absl::string_view bytes) {
  answer_uncredited_ += bytes.size();
  record_.answer_bytes += bytes.size();
  PassHeldHead();
  codec_->Messages(bytes, *this);
  // What the codec keeps is as good as taken.
  if (answer_.queue.empty()) OnAnswerTaken(bytes.size());
  CountBuffers();
}

void Exchange::PassHeldHead() {
  if (!held_head_) return;
  PassHead(*held_head_);
  held_head_.reset();
}

void Exchange::OnTrailers(HeaderBlock& trailers) {
  NoteFirstWord();
  const absl::StatusCode code = StatusCodeOf(trailers);
  // gRPC's own server says no more than that when the time is up: whose clock is first makes no difference.
  const bool bare = !trailers.Find("grpc-status-details-bin");
  if (code == absl::StatusCode::kDeadlineExceeded && bare && DeadlineWithin(kGrpcClockNs))
    return OnDeadline();
  if (RetriedOn(code) && TryAgain(Again::kIfIdempotent, trailers)) return;
  // That this attempt was turned away does not say what became of the one before.
  if (TurnedAway(trailers) && doubt_ && !answer_passed_on_) return Finish(*doubt_);
  PassHeldHead();
  Finish(trailers);
}

// Where there is no backend to be had, to ask again is no use: that is UNAVAILABLE, too.
void Exchange::OnBroken(const absl::Status& status, Again again) {
  const bool away = status.code() == absl::StatusCode::kUnavailable;
  if (again == Again::kNever && !away && RetriedOn(status.code())) again = Again::kIfIdempotent;
  if (!TryAgain(again, ToTrailers(status))) Fail(status);
}

void Exchange::NoteFirstWord() {
  if (record_.backend_wait != absl::ZeroDuration()) return;
  record_.backend_wait = absl::Nanoseconds(context_.loop.now_ns() - sent_ns_);
}

}  // namespace arasta::gateway
