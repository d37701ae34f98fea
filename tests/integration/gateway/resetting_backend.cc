#include "tests/integration/gateway/resetting_backend.h"

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {

struct ResettingBackendCallbacks {
  static int Header(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                    size_t name_length, const uint8_t* value, size_t value_length, uint8_t, void* user) {
    if (absl::string_view(reinterpret_cast<const char*>(name), name_length) != ":path") return 0;
    const absl::string_view path(reinterpret_cast<const char*>(value), value_length);
    if (absl::StartsWith(path, "/grpc.health.")) return 0;
    auto& backend = *static_cast<ResettingBackend*>(user);
    ++backend.resets_;
    return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, backend.error_code_);
  }
};

ResettingBackend::ResettingBackend(uint32_t error_code)
    : error_code_(error_code), listener_(testing::ListenOnLoopback(1)), thread_([this] { Serve(); }) {}

ResettingBackend::~ResettingBackend() {
  for (const int fd : {listener_.fd, connection_.load()}) shutdown(fd, SHUT_RDWR);
  thread_.join();
  for (const int fd : {listener_.fd, connection_.load()}) close(fd);
}

// Until one of both goes.
void ResettingBackend::Serve() {
  const int fd = connection_ = accept(listener_.fd, nullptr, nullptr);
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &ResettingBackendCallbacks::Header);
  nghttp2_session* session = nullptr;
  nghttp2_session_server_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  const uint8_t* answer = nullptr;
  uint8_t buffer[4096];
  for (ssize_t count = 0; count >= 0;) {
    while ((count = nghttp2_session_mem_send(session, &answer)) > 0) {
      if (send(fd, answer, static_cast<size_t>(count), MSG_NOSIGNAL) < 0) break;
    }
    count = recv(fd, buffer, sizeof buffer, 0);
    if (count <= 0) break;
    count = nghttp2_session_mem_recv(session, buffer, static_cast<size_t>(count));
  }
  nghttp2_session_del(session);
}

}  // namespace arasta::gateway
