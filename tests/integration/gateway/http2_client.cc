#include "tests/integration/gateway/http2_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "absl/time/clock.h"
#include "services/gateway/grpc_frames.h"
#include "tests/support/loopback.h"

namespace arasta::gateway {

struct Http2ClientCallbacks {
  static Http2Client& Client(void* user) { return *static_cast<Http2Client*>(user); }

  static ssize_t Send(nghttp2_session*, const uint8_t* bytes, size_t length, int, void* user) {
    const ssize_t sent = send(Client(user).fd_, bytes, length, MSG_NOSIGNAL);
    return sent < 0 ? static_cast<ssize_t>(NGHTTP2_ERR_CALLBACK_FAILURE) : sent;
  }
  static int Header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_length,
                    const uint8_t* value, size_t value_length, uint8_t, void* user) {
    Http2Answer& answer = Client(user).answers_[frame->hd.stream_id];
    auto& block = frame->headers.cat == NGHTTP2_HCAT_RESPONSE ? answer.head : answer.trailers;
    block.emplace(std::string(reinterpret_cast<const char*>(name), name_length),
                  std::string(reinterpret_cast<const char*>(value), value_length));
    return 0;
  }
  static int Data(nghttp2_session* session, uint8_t, int32_t stream_id, const uint8_t* bytes, size_t length,
                  void* user) {
    Http2Client& client = Client(user);
    std::string& body = client.answers_[stream_id].body;
    body.append(reinterpret_cast<const char*>(bytes), length);
    nghttp2_session_consume_connection(session, length);
    if (body.size() <= client.reads_) nghttp2_session_consume_stream(session, stream_id, length);
    return 0;
  }
  static int Frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Client& client = Client(user);
    if (frame->hd.type == NGHTTP2_GOAWAY) client.goaway_ = frame->goaway.error_code;
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      client.answers_[frame->hd.stream_id].reset = frame->rst_stream.error_code;
    }
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (may_end && frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
      client.answers_[frame->hd.stream_id].ended = true;
    return 0;
  }
  static ssize_t Body(nghttp2_session*, int32_t stream_id, uint8_t* out, size_t capacity, uint32_t* flags,
                      nghttp2_data_source* source, void* user) {
    std::string& body = Client(user).bodies_[stream_id];
    const size_t count = std::min(capacity, body.size());
    memcpy(out, body.data(), count);
    body.erase(0, count);
    if (!body.empty()) return static_cast<ssize_t>(count);
    if (source->fd == 0) {
      if (count == 0) return NGHTTP2_ERR_DEFERRED;
      return static_cast<ssize_t>(count);
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
};

std::string Http2Answer::Field(const std::string& name) const {
  for (const auto* block : {&trailers, &head}) {
    if (const auto found = block->find(name); found != block->end()) return found->second;
  }
  return "";
}

Http2Client::Http2Client(int port, size_t reads)
    : reads_(reads), fd_(arasta::testing::ConnectToLoopback(port)) {
  closed_ = fd_ < 0;
  const int no_delay = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_send_callback(callbacks, &Http2ClientCallbacks::Send);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &Http2ClientCallbacks::Header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &Http2ClientCallbacks::Data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &Http2ClientCallbacks::Frame);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_peer_max_concurrent_streams(option, 100'000);
  nghttp2_option_set_max_send_header_block_length(option, 1 << 20);
  nghttp2_session_client_new2(&session_, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, 1 << 30);
}

Http2Client::~Http2Client() {
  nghttp2_session_del(session_);
  close(fd_);
}

int32_t Http2Client::Send(const std::string& path, const std::string& body, const Fields& more, bool end) {
  Fields fields = {{":method", "POST"}, {":scheme", "http"}, {":authority", "test"},
                   {":path", path},     {"te", "trailers"},  {"content-type", "application/grpc"}};
  for (const auto& [name, value] : more) {
    const auto same =
        std::find_if(fields.begin(), fields.end(), [&n = name](const auto& f) { return f.first == n; });
    if (same != fields.end()) {
      same->second = value;
    } else {
      fields.emplace_back(name, value);
    }
  }
  std::vector<nghttp2_nv> nv;
  for (auto& [name, value] : fields) {
    nv.push_back({reinterpret_cast<uint8_t*>(name.data()), reinterpret_cast<uint8_t*>(value.data()),
                  name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider provider{{.fd = end ? 1 : 0}, &Http2ClientCallbacks::Body};
  const bool head_only = end && body.empty();
  const int32_t id = nghttp2_submit_request(session_, nullptr, nv.data(), nv.size(),
                                            head_only ? nullptr : &provider, nullptr);
  bodies_[id] = body;
  Flush();
  return id;
}

int32_t Http2Client::SendHead(const std::string& path, const Fields& more, bool end) {
  return Send(path, "", more, end);
}

void Http2Client::Reset(int32_t stream_id, uint32_t error) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream_id, error);
  Flush();
}

void Http2Client::SendRaw(const std::string& bytes) {
  closed_ = closed_ || send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0;
}

void Http2Client::Flush() {
  closed_ = closed_ || nghttp2_session_send(session_) != 0;
}

bool Http2Client::Read(absl::Duration wait) {
  pollfd poll_for{fd_, POLLIN, 0};
  if (poll(&poll_for, 1, static_cast<int>(absl::ToInt64Milliseconds(wait))) <= 0) return false;
  std::array<uint8_t, 64 * 1024> buffer;
  const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
  closed_ = count <= 0 || nghttp2_session_mem_recv(session_, buffer.data(), static_cast<size_t>(count)) < 0;
  return true;
}

bool Http2Client::Until(const std::function<bool()>& done) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (!done()) {
    if (closed_ || absl::Now() > end) return done();
    Flush();
    Read(absl::Milliseconds(20));
  }
  return true;
}

const Http2Answer& Http2Client::Await(int32_t stream_id) {
  Http2Answer& answer = answers_[stream_id];
  Until([&answer] { return answer.ended || answer.reset.has_value(); });
  return answer;
}

std::string GrpcFrame(const std::string& message, char flags) {
  const auto head = FrameHead(static_cast<uint8_t>(flags), static_cast<uint32_t>(message.size()));
  return std::string(head.data(), head.size()) + message;
}

}  // namespace arasta::gateway
