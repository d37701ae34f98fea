// A client's HTTP/2 connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/gateway/closed_streams.h"
#include "services/gateway/exchange.h"
#include "services/gateway/frame_heads.h"
#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/http2_link.h"
#include "services/gateway/incoming_head.h"

namespace arasta::gateway {

class FrontHttp2 final : public Http2Link, public FrontConnection {
 public:
  FrontHttp2(Loop& loop, Owner& owner, const FrontLimits& limits, Socket socket, FrontPeer peer);
  ~FrontHttp2() override;

  void Begin(absl::string_view first_bytes) override { OnInput(first_bytes); }
  void Drain() override;

 private:
  class Stream;

  Stream* Find(int32_t stream_id) const;
  void Charge(double cost);
  void ChargeForEnd(int32_t stream_id);
  void ChargeBeyondData(double cost);
  void CheckOpen(int32_t stream_id);
  bool MayBeOver(int32_t stream_id) const;
  void CheckFrames(absl::string_view& bytes);
  void Terminate(uint32_t error_code);

  void OnInput(absl::string_view bytes) override;
  void OnSettings() override;
  void OnBeginHeaders(int32_t stream_id) override;
  bool OnHeader(int32_t stream_id, absl::string_view name, absl::string_view value,
                bool never_index) override;
  void OnHeadersComplete(int32_t stream_id, bool end_stream) override;
  void OnData(int32_t stream_id, absl::string_view bytes) override;
  void OnEndOfData(int32_t stream_id) override;
  void OnStreamClose(int32_t stream_id, uint32_t error_code) override;
  void OnEndSent(int32_t stream_id) override;
  void OnFrameBegin(const nghttp2_frame_hd& head) override;
  void OnInvalidFrame() override;
  void OnClosed() override;
  void ResetAnswered();

  Owner& owner_;
  const FrontLimits& limits_;
  const FrontPeer peer_;
  absl::flat_hash_map<int32_t, std::unique_ptr<Stream>> streams_;
  ClosedStreams closed_;
  FrameHeads heads_;
  Timer idle_;
  Timer last_goaway_;
  // Streams that are answered though the client has not ended its request.
  std::vector<int32_t> answered_early_;
  Timer reset_answered_;
  int32_t head_under_way_ = 0;  // the stream whose header block has begun
  Timer slow_head_;
  bool greeted_ = false;
  uint64_t free_frames_used_ = 0;
  double abuse_ = 0;
  int64_t abuse_at_ns_ = 0;
};

}  // namespace arasta::gateway
