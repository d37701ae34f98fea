// An HTTP/2 client for tests that need to see and to send frames as no well-behaved client does.
#pragma once

#include <nghttp2/nghttp2.h>

#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace arasta::gateway {

// What has arrived on one stream.
struct Http2Answer {
  std::multimap<std::string, std::string> head;
  std::multimap<std::string, std::string> trailers;
  std::string body;
  bool ended = false;
  absl::optional<uint32_t> reset;

  // From the trailers, or from a head without a body; "" when there is none.
  std::string Field(const std::string& name) const;
};

class Http2Client {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Stream credit is returned for the first `reads` bytes of an answer: then the client does not read on.
  explicit Http2Client(int port, size_t reads = std::numeric_limits<size_t>::max());
  ~Http2Client();

  // A gRPC request of these body bytes; `more` are added to the usual fields, or replace them.
  int32_t Send(const std::string& path, const std::string& body, const Fields& more = {}, bool end = true);
  // Without any body frame: HEADERS, with END_STREAM or not.
  int32_t SendHead(const std::string& path, const Fields& more, bool end);
  void Reset(int32_t stream_id, uint32_t error = NGHTTP2_CANCEL);
  // Bytes that nghttp2 would not send.
  void SendRaw(const std::string& bytes);

  // Reads and writes until `done` or the connection's end; false after ten seconds.
  bool Until(const std::function<bool()>& done);
  const Http2Answer& Await(int32_t stream_id);
  const Http2Answer& answer(int32_t stream_id) { return answers_[stream_id]; }
  // The error code of a GOAWAY.
  absl::optional<uint32_t> goaway() const { return goaway_; }
  bool closed() const { return closed_; }
  nghttp2_session* session() { return session_; }
  void Flush();

 private:
  friend struct Http2ClientCallbacks;

  bool Read(absl::Duration wait);

  const size_t reads_;
  int fd_ = -1;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Http2Answer> answers_;
  std::map<int32_t, std::string> bodies_;
  absl::optional<uint32_t> goaway_;
  bool closed_ = false;
};

// One gRPC message frame.
std::string GrpcFrame(const std::string& message, char flags = 0);

}  // namespace arasta::gateway
