// A connection that speaks HTTP/2 through nghttp2, from either end. Turns nghttp2's callbacks into
// virtual functions and its output into the connection's. Connection credit is returned on receipt;
// stream credit is the derived class's to return, when the other side has taken the bytes.
#pragma once

#include <nghttp2/nghttp2.h>

#include <vector>

#include "services/gateway/byte_queue.h"
#include "services/gateway/connection.h"
#include "services/gateway/header_block.h"

namespace arasta::gateway {

// One direction of one stream: the body that is to be sent, and how it ends.
class OutgoingBody {
 public:
  virtual ByteQueue& bytes() = 0;
  // No more bytes will be appended.
  virtual bool complete() const = 0;
  // Sent after the last byte; empty where the body's end is the end.
  virtual const HeaderBlock& trailers() const = 0;
  // `count` bytes have been framed.
  virtual void OnTaken(size_t count) = 0;

 protected:
  ~OutgoingBody() = default;
};

class Http2Link : public Connection {
 protected:
  enum class Role { kServer, kClient };
  struct Limits {
    uint32_t max_concurrent_streams = 1000;  // a client's announces it to nobody
    uint32_t stream_window = 64 * 1024;
    uint32_t connection_window = 1024 * 1024;
    uint32_t max_header_list = 16 * 1024;
  };

  Http2Link(Loop& loop, Socket socket, bool connecting, Role role, const Limits& limits);
  ~Http2Link() override;

  virtual void OnBeginHeaders(int32_t stream_id) = 0;
  // False resets the stream.
  virtual bool OnHeader(int32_t stream_id, absl::string_view name, absl::string_view value,
                        bool never_index) = 0;
  virtual void OnHeadersComplete(int32_t stream_id, bool end_stream) = 0;
  virtual void OnData(int32_t stream_id, absl::string_view bytes) = 0;
  virtual void OnEndOfData(int32_t stream_id) = 0;
  virtual void OnStreamClose(int32_t stream_id, uint32_t error_code) = 0;
  // Our END_STREAM is framed.
  virtual void OnEndSent(int32_t) {}
  // Every frame, before anything is made of it.
  virtual void OnFrameBegin(const nghttp2_frame_hd&) {}
  virtual void OnGoaway() {}
  virtual void OnSettings() {}
  // A request that was submitted and never left.
  virtual void OnNotSent(int32_t) {}
  virtual void OnInvalidFrame() {}

  void OnInput(absl::string_view bytes) override;
  void FillOutput() override;
  bool Finished() const override;

  // These leave with the flush at the end of the turn.
  void SubmitAnswer(int32_t stream_id, int http_status, const HeaderBlock& head, OutgoingBody* body);
  int32_t SubmitRequest(const HeaderBlock& head, OutgoingBody* body, void* stream_user);
  void ResumeBody(int32_t stream_id);
  void Reset(int32_t stream_id, uint32_t error_code);
  void Credit(int32_t stream_id, size_t count);

  nghttp2_session* session() const { return session_; }
  uint64_t data_frames_sent() const { return data_frames_sent_; }

 private:
  friend struct Http2Callbacks;

  const std::vector<nghttp2_nv>& ToNv(const HeaderBlock& block);
  void AppendNv(const HeaderBlock& block);

  nghttp2_session* session_ = nullptr;
  uint64_t data_frames_sent_ = 0;
  std::vector<nghttp2_nv> nv_;
};

}  // namespace arasta::gateway
