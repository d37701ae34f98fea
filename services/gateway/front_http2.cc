#include "services/gateway/front_http2.h"

#include <algorithm>
#include <utility>

namespace arasta::gateway {
namespace {

// Frames that cost us more than they cost the client are paid from a bucket that holds kAbuseBurst and
// refills by kAbusePerSecond. A call that is waited for costs nothing.
constexpr double kAbuseBurst = 400;
constexpr double kAbusePerSecond = 100;
// A call that ends before its answer has begun is how backends are made to work for nothing. But a client
// may have to give up all the calls of a connection at once.
constexpr double kEarlyEndCost = 0.4;
constexpr double kLateEndCost = 0.05;
constexpr double kInvalidFrameCost = 4;
constexpr double kControlFrameCost = 0.5;
constexpr double kWindowUpdateCost = 0.02;
// What the client may send for each DATA frame that it gets, for nothing: credit for the stream and for the
// connection, and a ping that measures the way.
constexpr uint64_t kFreeFrames = 3;
constexpr size_t kMostPadding = 256;

// From "there will be an end" to the end: enough for what was sent meanwhile to arrive.
constexpr int64_t kGoawayPauseNs = 500'000'000;
constexpr int64_t kEarlyAnswerPauseNs = 200'000'000;

}  // namespace

class FrontHttp2::Stream final : public ClientStream {
 public:
  Stream(FrontHttp2& connection, int32_t id)
      : head(connection.limits_.max_header_bytes), connection_(connection), id_(id) {}

  void SendHead(int http_status, const HeaderBlock& fields, bool last) override {
    answer_begun_ = true;
    connection_.SubmitAnswer(id_, http_status, fields, last ? nullptr : &exchange->answer());
  }
  void AnswerChanged() override { connection_.ResumeBody(id_); }
  void CreditRequest(size_t count) override { connection_.Credit(id_, count); }
  void GiveUp(uint32_t http2_error) override { connection_.Reset(id_, http2_error); }
  bool is_http2() const override { return true; }
  bool answer_begun() const { return answer_begun_; }
  const FrontPeer& peer() const override { return connection_.peer_; }

  IncomingHead head;
  std::unique_ptr<Exchange> exchange;
  bool ended_by_client = false;  // its request, or all of it by a reset
  bool end_charged = false;

 private:
  FrontHttp2& connection_;
  const int32_t id_;
  bool answer_begun_ = false;
};

FrontHttp2::FrontHttp2(Loop& loop, Owner& owner, const FrontLimits& limits, Socket socket, FrontPeer peer)
    : Http2Link(loop, std::move(socket), /*connecting=*/false, Role::kServer,
                {.max_concurrent_streams = limits.max_streams, .max_header_list = limits.max_header_bytes}),
      owner_(owner),
      limits_(limits),
      peer_(std::move(peer)),
      idle_([this] { Terminate(NGHTTP2_NO_ERROR); }),
      last_goaway_([this] {
        nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE,
                              nghttp2_session_get_last_proc_stream_id(session()), NGHTTP2_NO_ERROR, nullptr,
                              0);
        FlushSoon();
      }),
      reset_answered_([this] { ResetAnswered(); }),
      slow_head_([this] { Terminate(NGHTTP2_ENHANCE_YOUR_CALM); }),
      abuse_at_ns_(loop.now_ns()) {
  loop.StartTimer(idle_, limits_.head_timeout_ns);
}

FrontHttp2::~FrontHttp2() = default;

void FrontHttp2::Drain() {
  if (!open() || last_goaway_.pending()) return;
  nghttp2_submit_shutdown_notice(session());
  loop().StartTimer(last_goaway_, kGoawayPauseNs);
  FlushSoon();
}

FrontHttp2::Stream* FrontHttp2::Find(int32_t stream_id) const {
  const auto found = streams_.find(stream_id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void FrontHttp2::Charge(double cost) {
  const double earned = static_cast<double>(loop().now_ns() - abuse_at_ns_) * 1e-9 * kAbusePerSecond;
  abuse_at_ns_ = loop().now_ns();
  abuse_ = std::max(0.0, abuse_ - earned) + cost;
  if (abuse_ >= kAbuseBurst) Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

// Whoever ends it: a client can provoke a reset of ours as well as send its own.
void FrontHttp2::ChargeForEnd(int32_t stream_id) {
  Stream* stream = Find(stream_id);
  if (stream == nullptr) return Charge(kControlFrameCost);
  if (std::exchange(stream->end_charged, true)) return;
  Charge(stream->answer_begun() ? kLateEndCost : kEarlyEndCost);
}

void FrontHttp2::ChargeBeyondData(double cost) {
  if (free_frames_used_ == kFreeFrames * data_frames_sent()) return Charge(cost);
  ++free_frames_used_;
}

void FrontHttp2::CheckOpen(int32_t stream_id) {
  if (const uint32_t error = closed_.ErrorOf(stream_id); error != NGHTTP2_NO_ERROR) Terminate(error);
}

void FrontHttp2::Terminate(uint32_t error_code) {
  nghttp2_session_terminate_session(session(), error_code);
  FlushSoon();
}

// Of a stream that nghttp2 has heard of.
bool FrontHttp2::MayBeOver(int32_t stream_id) const {
  return stream_id <= closed_.newest() && Find(stream_id) == nullptr;
}

// nghttp2 says nothing of DATA for a stream that is over, and looks at no PRIORITY. What was sent before has
// to be looked at first, as that may be what ended the stream.
void FrontHttp2::CheckFrames(absl::string_view& bytes) {
  bool reset = false;
  absl::string_view rest = bytes;
  while (const absl::optional<FrameHeads::Head> head = heads_.Next(rest)) {
    if (head->type == NGHTTP2_PRIORITY && head->depends_on == head->stream_id)
      return Terminate(NGHTTP2_PROTOCOL_ERROR);
    reset = reset || head->type == NGHTTP2_RST_STREAM;
    if (head->type != NGHTTP2_DATA || !(reset || MayBeOver(head->stream_id))) continue;
    Http2Link::OnInput(bytes.substr(0, bytes.size() - rest.size()));
    bytes = rest;
    reset = false;
    if (MayBeOver(head->stream_id)) CheckOpen(head->stream_id);
  }
}

// A head that is begun must go on, whatever else the connection is used for.
void FrontHttp2::OnInput(absl::string_view bytes) {
  CheckFrames(bytes);
  if (open()) Http2Link::OnInput(bytes);
  if (head_under_way_ == 0) return slow_head_.Cancel();
  if (open() && !slow_head_.pending()) loop().StartTimer(slow_head_, limits_.head_timeout_ns);
}

// Until then it might have been anybody.
void FrontHttp2::OnSettings() {
  if (std::exchange(greeted_, true) || !streams_.empty()) return;
  loop().StartTimer(idle_, limits_.idle_timeout_ns);
}

void FrontHttp2::OnBeginHeaders(int32_t stream_id) {
  head_under_way_ = stream_id;
  auto& stream = streams_[stream_id];
  // A second block is the request's trailers, which gRPC does not know.
  if (stream == nullptr) stream = std::make_unique<Stream>(*this, stream_id);
}

bool FrontHttp2::OnHeader(int32_t stream_id, absl::string_view name, absl::string_view value,
                          bool never_index) {
  Stream* stream = Find(stream_id);
  if (stream == nullptr || stream->exchange) return true;
  stream->head.Add(name, value, never_index ? Indexing::kNever : Indexing::kAllowed);
  if (!stream->head.hopeless()) return true;
  Charge(kAbuseBurst);
  return false;
}

void FrontHttp2::OnHeadersComplete(int32_t stream_id, bool end_stream) {
  head_under_way_ = 0;
  Stream* stream = Find(stream_id);
  if (stream == nullptr) return;
  if (!stream->exchange) {
    idle_.Cancel();
    const bool too_large = stream->head.too_large();
    stream->exchange = std::make_unique<Exchange>(owner_.context(), *stream, stream->head.Take());
    if (too_large) {
      Charge(kInvalidFrameCost);
      stream->exchange->Refuse(431, "Request Header Fields Too Large");
    } else {
      stream->exchange->Begin();
    }
  }
  if (!end_stream) return;
  stream->ended_by_client = true;
  stream->exchange->OnRequestEnd();
}

void FrontHttp2::OnData(int32_t stream_id, absl::string_view bytes) {
  Stream* stream = Find(stream_id);
  if (stream != nullptr && stream->exchange) stream->exchange->OnRequestData(bytes);
}

void FrontHttp2::OnEndOfData(int32_t stream_id) {
  Stream* stream = Find(stream_id);
  if (stream == nullptr || !stream->exchange) return;
  stream->ended_by_client = true;
  stream->exchange->OnRequestEnd();
}

void FrontHttp2::OnStreamClose(int32_t stream_id, uint32_t error_code) {
  if (stream_id == head_under_way_) head_under_way_ = 0;
  if (error_code != NGHTTP2_NO_ERROR) ChargeForEnd(stream_id);
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;
  if (found->second->ended_by_client) closed_.OnEndedByClient(stream_id);
  streams_.erase(found);
  if (streams_.empty()) loop().StartTimer(idle_, limits_.idle_timeout_ns);
}

// A client that is still sending its request is told to stop, but not at once: some drop the answer when
// the reset comes along with it.
void FrontHttp2::OnEndSent(int32_t stream_id) {
  const Stream* stream = Find(stream_id);
  if (stream == nullptr || stream->ended_by_client) return;
  answered_early_.push_back(stream_id);
  if (!reset_answered_.pending()) loop().StartTimer(reset_answered_, kEarlyAnswerPauseNs);
}

void FrontHttp2::ResetAnswered() {
  for (const int32_t stream_id : answered_early_) {
    if (Find(stream_id) != nullptr) Reset(stream_id, NGHTTP2_NO_ERROR);
  }
  answered_early_.clear();
}

void FrontHttp2::OnFrameBegin(const nghttp2_frame_hd& head) {
  switch (head.type) {
    case NGHTTP2_HEADERS:
      CheckOpen(head.stream_id);
      return closed_.OnHeaders(head.stream_id);
    case NGHTTP2_DATA: {  // those of closed streams don't come here
      const size_t padding = head.flags & NGHTTP2_FLAG_PADDED ? kMostPadding : 0;
      if (head.length <= padding && (head.flags & NGHTTP2_FLAG_END_STREAM) == 0) Charge(kControlFrameCost);
      return;
    }
    case NGHTTP2_WINDOW_UPDATE:
      return ChargeBeyondData(kWindowUpdateCost);
    case NGHTTP2_PING:
      return ChargeBeyondData(kControlFrameCost);
    case NGHTTP2_PRIORITY:
      // nghttp2 looks at none of them, as we have said that we don't.
      return head.stream_id == 0 ? Terminate(NGHTTP2_PROTOCOL_ERROR) : Charge(kControlFrameCost);
    case NGHTTP2_RST_STREAM:
      if (Stream* stream = Find(head.stream_id)) stream->ended_by_client = true;
      return ChargeForEnd(head.stream_id);
    default:
      return Charge(kControlFrameCost);
  }
}

void FrontHttp2::OnInvalidFrame() {
  head_under_way_ = 0;
  Charge(kInvalidFrameCost);
}

void FrontHttp2::OnClosed() {
  streams_.clear();
  owner_.OnClosed(*this);
}

}  // namespace arasta::gateway
