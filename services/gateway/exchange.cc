#include "services/gateway/exchange.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/call_ids.h"
#include "services/gateway/grpc_status.h"

namespace arasta::gateway {
namespace {

// A unary request up to that size is held until it is complete, so that a malformed one never gets out.
constexpr size_t kHoldRequest = 32 * 1024;
// What a client may ask for by grpc-timeout, eleven thousand years, is more than nanoseconds can count.
constexpr absl::Duration kLongestTimeout = absl::Hours(365 * 24);

HeaderBlock FieldsOf(const FrontChoice& refusal) {
  HeaderBlock fields;
  if (!refusal.allow.empty()) fields.Add("allow", refusal.allow);
  if (!refusal.accept_post.empty()) fields.Add("accept-post", refusal.accept_post);
  return fields;
}

absl::Status NotOneMessage() {
  return Error(absl::StatusCode::kUnimplemented, "NOT_ONE_MESSAGE", "a unary request must be one message");
}

absl::Status RouteFull() {
  return Error(absl::StatusCode::kUnavailable, "ROUTE_FULL", "too many such calls are under way");
}

absl::Status BuffersFull() {
  return Error(absl::StatusCode::kResourceExhausted, "BUFFERS_FULL", "too much waits to be sent");
}

}  // namespace

Exchange::Exchange(ExchangeContext& context, ClientStream& client, HeaderBlock fields)
    : context_(context),
      client_(client),
      fields_(std::move(fields)),
      head_(RequestHead::Of(fields_)),
      client_address_(context.proxies.ClientOf(client.peer().address, fields_)),
      started_ns_(context.loop.now_ns()),
      request_id_(RequestId(head_.request_id, context.random)),
      traceparent_(Traceparent(head_.traceparent, context.random)),
      deadline_([this] { OnDeadline(); }) {
  ++context_.running;
}

Exchange::~Exchange() {
  context_.buffered_bytes -= counted_bytes_;
  if (!finished_) {
    record_.code = absl::StatusCode::kCancelled;
    record_.ended_by = "client";
  }
  record_.protocol = codec_ ? codec_->name() : "http";
  // Without the query, which may hold what logs must not.
  record_.path = head_.path.substr(0, head_.path.find('?'));
  record_.method = method_;
  record_.duration = absl::Nanoseconds(context_.loop.now_ns() - started_ns_);
  record_.client_address = client_address_;
  record_.request_id = request_id_;
  record_.trace_id = TraceIdOf(traceparent_);
  record_.traceparent = traceparent_;
  record_.client_traceparent = head_.traceparent;
  context_.calls.Add(record_);
  --context_.running;
}

void Exchange::Begin() {
  if (Preflight() && Route() && CheckRate(kAddressRate, RateKeyOfAddress(client_address_)) && CheckRequest())
    Authenticate();
}

void Exchange::Refuse(int http_status, std::string message) {
  // Comes before what else was wrong with the request.
  failure_.reset();
  if (codec_ == nullptr) codec_ = ChooseFront(head_, client_.is_http2(), context_.routes).codec;
  if (http_status == 431 && codec_ != nullptr) return Fail(MetadataTooLarge());
  FailHttp(http_status, std::move(message));
}

bool Exchange::Preflight() {
  if (head_.method != "OPTIONS" || head_.preflight_method.empty()) return true;
  HeaderBlock answer;
  context_.cors.AddPreflightHeaders(head_.origin, head_.preflight_headers, answer);
  finished_ = true;
  record_.http_status = 204;
  answer_.ended = true;
  client_.SendHead(204, answer, /*last=*/true);
  return false;
}

bool Exchange::Route() {
  FrontChoice choice = ChooseFront(head_, client_.is_http2(), context_.routes);
  if (choice.page != nullptr) return SendPage(*choice.page), false;
  method_ = choice.method;
  codec_ = std::move(choice.codec);
  if (codec_ == nullptr)
    return FailHttp(choice.http_status, std::string(choice.message), FieldsOf(choice)), false;
  if (method_ != nullptr) return true;
  const absl::Status unknown = Error(absl::StatusCode::kUnimplemented, "UNKNOWN_METHOD", "no such method");
  return Fail(choice.refusal.ok() ? unknown : choice.refusal), false;
}

// Methods without a class, such as health checks, are not limited.
bool Exchange::CheckRate(size_t rate, uint64_t key) {
  if (method_->rate_class == options::v1::RATE_CLASS_UNSPECIFIED) return true;
  const auto refusal = context_.rates.Take(rate, key, context_.loop.now_ns());
  if (refusal == nullptr) return true;
  FailWith({ToTrailers(refusal->status), 0, {}, std::move(refusal->fields)});
  return false;
}

bool Exchange::CheckRequest() {
  const absl::StatusOr<CallTerms> terms = codec_->Terms(head_);
  const absl::Duration asked = terms.ok() ? terms->timeout : absl::InfiniteDuration();
  const absl::Duration timeout = std::min(method_->max_deadline, asked);
  if (timeout != absl::InfiniteDuration()) {
    deadline_ns_ = started_ns_ + absl::ToInt64Nanoseconds(std::min(timeout, kLongestTimeout));
    context_.loop.timers().Start(deadline_, deadline_ns_);
  }
  absl::Status status = terms.status();
  if (context_.buffered_bytes > context_.limits.max_buffered_bytes) status = BuffersFull();
  if (status.ok()) status = CheckMetadata(fields_, codec_->from_browser());
  if (!status.ok()) return Fail(status), false;
  scanner_ = FrameScanner(method_->max_request_bytes);
  if (terms->gzip || terms->map)
    decoder_.emplace(MessageDecoder::Options{method_->max_request_bytes, terms->gzip, terms->map});
  request_.Hold();
  return true;
}

void Exchange::Authenticate() {
  const absl::StatusOr<auth::Principal> caller = context_.authenticator.Check(*method_, head_.authorization);
  absl::Status status = caller.status();
  if (ReasonOf(status) == auth::kUnknownKey) {
    if (!std::exchange(waited_for_keys_, true) && context_.authenticator.Wait(*this)) return;
    if (!context_.authenticator.ready())
      status = Error(absl::StatusCode::kUnavailable, "KEYS_UNAVAILABLE", "token keys are not available");
  }
  if (!status.ok()) return Fail(status);
  const uint64_t key =
      caller->name.empty() ? RateKeyOfAddress(client_address_) : RateKeyOfPrincipal(caller->name);
  if (!CheckRate(method_->rate_class, key)) return;
  if (method_->bulkhead != nullptr) {
    place_ = method_->bulkhead->Enter();
    if (place_ == nullptr) return Fail(RouteFull());
  }
  admitted_ = true;
  ReadyToSend();
}

void Exchange::OnKeys() {
  if (!finished_ && !failure_) Authenticate();
}

void Exchange::OnRequestData(absl::string_view bytes) {
  record_.request_bytes += bytes.size();
  request_uncredited_ += bytes.size();
  if (finished_ || failure_ || codec_ == nullptr) return;
  const size_t known = request_.size();
  if (const absl::Status status = codec_->Request(bytes, CodecOutput()); !status.ok()) return Fail(status);
  PassRequest(known, bytes.size());
}

void Exchange::OnRequestEnd() {
  request_ended_ = true;
  if (finished_) return;
  if (failure_) return AnswerFailure();
  if (codec_ == nullptr) return;
  const size_t known = request_.size();
  if (const absl::Status status = codec_->RequestEnd(CodecOutput()); !status.ok()) return Fail(status);
  PassRequest(known, 0);
}

// `known`: how much of request_ was there before `arrived` bytes of the body came.
void Exchange::PassRequest(size_t known, size_t arrived) {
  if (const absl::Status status = Decode(known); !status.ok()) return Fail(status);
  // What the codec keeps is as good as taken.
  CreditRequest(request_.size() == known ? arrived : 0);
  CountBuffers();
  ReadyToSend();
}

void Exchange::CountBuffers() {
  context_.buffered_bytes -= counted_bytes_;
  counted_bytes_ = request_.memory() + answer_.queue.memory() + (decoder_ ? decoder_->input().memory() : 0) +
                   (codec_ ? codec_->held() : 0);
  context_.buffered_bytes += counted_bytes_;
}

absl::Status Exchange::Decode(size_t known) {
  if (decoder_) RETURN_IF_ERROR(decoder_->Advance(request_));
  RETURN_IF_ERROR(scanner_.Scan(request_.front().substr(known)));
  RETURN_IF_ERROR(CheckMessageCount());
  request_complete_ = request_ended_ && (!decoder_ || decoder_->starved());
  return request_complete_ ? CheckEnd() : absl::OkStatus();
}

absl::Status Exchange::CheckEnd() const {
  const bool cut_off = !scanner_.at_boundary() || (decoder_ && !decoder_->empty());
  if (cut_off)
    return Error(absl::StatusCode::kInternal, "TRUNCATED_MESSAGE", "the request ends within a message");
  return method_->client_streaming || scanner_.begun() == 1 ? absl::OkStatus() : NotOneMessage();
}

// gRPC's C++ server would take the first of several messages and start.
absl::Status Exchange::CheckMessageCount() const {
  if (method_->client_streaming || scanner_.begun() <= 1) return absl::OkStatus();
  return NotOneMessage();
}

void Exchange::ReadyToSend() {
  if (!admitted_) return;
  if (method_->answer_here) return AnswerHere();
  if (sent_) return RequestChanged();
  const bool hold = !method_->client_streaming && !request_complete_ && request_.size() < kHoldRequest;
  if (!hold) SendToBackend();
}

bool Exchange::DeadlineWithin(int64_t ns) const {
  return deadline_ns_ != 0 && deadline_ns_ - context_.loop.now_ns() <= ns;
}

// Of the call; when that is answered, of the client to take the answer.
void Exchange::OnDeadline() {
  if (finished_) return client_.GiveUp(NGHTTP2_CANCEL);
  // Who has not sent the request by now is not waited for.
  if (!failure_)
    Fail(Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline has passed"));
  if (!finished_) AnswerFailure();
}

}  // namespace arasta::gateway
