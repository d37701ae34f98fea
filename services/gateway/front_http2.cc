#include "services/gateway/front_http2.h"

#include <algorithm>
#include <utility>

namespace arasta::gateway {
namespace {

// Frames that cost us more than they cost the client are paid from a bucket that holds kAbuseBurst and
// refills by kAbusePerSecond. A call that is waited for costs nothing.
constexpr double kAbuseBurst = 400;
constexpr double kAbusePerSecond = 100;
// A reset before the answer has begun is how backends are made to work for nothing.
constexpr double kEarlyResetCost = 1;
constexpr double kLateResetCost = 0.05;
constexpr double kInvalidFrameCost = 4;
constexpr double kControlFrameCost = 0.5;
// WINDOW_UPDATE comes with every few frames of a large answer.
constexpr double kWindowUpdateCost = 0.02;

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
  void GiveUp() override { connection_.Reset(id_, NGHTTP2_CANCEL); }
  bool is_http2() const override { return true; }
  bool answer_begun() const { return answer_begun_; }
  const FrontPeer& peer() const override { return connection_.peer_; }

  IncomingHead head;
  std::unique_ptr<Exchange> exchange;

 private:
  FrontHttp2& connection_;
  const int32_t id_;
  bool answer_begun_ = false;
};

FrontHttp2::FrontHttp2(ExchangeContext& context, Owner& owner, const FrontLimits& limits, Socket socket,
                       FrontPeer peer)
    : Http2Link(context.loop, std::move(socket), /*connecting=*/false, Role::kServer,
                {.max_concurrent_streams = limits.max_streams, .max_header_list = limits.max_header_bytes}),
      context_(context),
      owner_(owner),
      limits_(limits),
      peer_(std::move(peer)),
      idle_([this] { OnIdle(); }),
      last_goaway_([this] {
        nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE,
                              nghttp2_session_get_last_proc_stream_id(session()), NGHTTP2_NO_ERROR, nullptr,
                              0);
        FlushSoon();
      }),
      reset_answered_([this] { ResetAnswered(); }),
      abuse_at_ns_(context.loop.now_ns()) {
  loop().StartTimer(idle_, limits_.idle_timeout_ns);
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
  if (abuse_ < kAbuseBurst) return;
  nghttp2_session_terminate_session(session(), NGHTTP2_ENHANCE_YOUR_CALM);
  FlushSoon();
}

void FrontHttp2::OnBeginHeaders(int32_t stream_id) {
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
  Stream* stream = Find(stream_id);
  if (stream == nullptr) return;
  if (!stream->exchange) {
    idle_.Cancel();
    const bool too_large = stream->head.too_large();
    stream->exchange = std::make_unique<Exchange>(context_, *stream, stream->head.Take());
    if (too_large) {
      stream->exchange->Refuse(431, "Request Header Fields Too Large");
    } else {
      stream->exchange->Begin();
    }
  }
  if (end_stream) stream->exchange->OnRequestEnd();
}

void FrontHttp2::OnData(int32_t stream_id, absl::string_view bytes) {
  Stream* stream = Find(stream_id);
  if (stream != nullptr && stream->exchange) stream->exchange->OnRequestData(bytes);
}

void FrontHttp2::OnEndOfData(int32_t stream_id) {
  Stream* stream = Find(stream_id);
  if (stream != nullptr && stream->exchange) stream->exchange->OnRequestEnd();
}

void FrontHttp2::OnStreamClose(int32_t stream_id, uint32_t) {
  streams_.erase(stream_id);
  if (streams_.empty()) loop().StartTimer(idle_, limits_.idle_timeout_ns);
}

// A client that is still sending its request is told to stop, but not at once: some drop the answer when
// the reset comes along with it.
void FrontHttp2::OnEndSent(int32_t stream_id) {
  if (nghttp2_session_get_stream_remote_close(session(), stream_id) != 0) return;
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
      return;
    case NGHTTP2_DATA:
      if (head.length == 0 && (head.flags & NGHTTP2_FLAG_END_STREAM) == 0) Charge(kControlFrameCost);
      return;
    case NGHTTP2_WINDOW_UPDATE:
      return Charge(kWindowUpdateCost);
    case NGHTTP2_RST_STREAM: {
      const Stream* stream = Find(head.stream_id);
      return Charge(stream != nullptr && stream->answer_begun() ? kLateResetCost : kEarlyResetCost);
    }
    default:
      return Charge(kControlFrameCost);
  }
}

void FrontHttp2::OnInvalidFrame() {
  Charge(kInvalidFrameCost);
}

void FrontHttp2::OnIdle() {
  nghttp2_session_terminate_session(session(), NGHTTP2_NO_ERROR);
  FlushSoon();
}

void FrontHttp2::OnClosed() {
  streams_.clear();
  owner_.OnClosed(*this);
}

}  // namespace arasta::gateway
