#include "tests/integration/gateway/scripted_backend.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"

namespace arasta::gateway {
namespace {

std::vector<nghttp2_nv> ToNv(ScriptedAnswer::Fields& fields) {
  std::vector<nghttp2_nv> nv;
  for (auto& [name, value] : fields) {
    nv.push_back({reinterpret_cast<uint8_t*>(name.data()), reinterpret_cast<uint8_t*>(value.data()),
                  name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return nv;
}

}  // namespace

struct ScriptedBackendCallbacks {
  static int Header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_length,
                    const uint8_t* value, size_t value_length, uint8_t, void* user) {
    auto& backend = *static_cast<ScriptedBackend*>(user);
    backend.requests_[frame->hd.stream_id].emplace(
        std::string(reinterpret_cast<const char*>(name), name_length),
        std::string(reinterpret_cast<const char*>(value), value_length));
    return 0;
  }

  static int Frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& backend = *static_cast<ScriptedBackend*>(user);
    if (frame->hd.type == NGHTTP2_HEADERS) backend.waiting_.push_back(frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_SETTINGS) backend.OnSettings(frame->settings);
    backend.pings_ += frame->hd.type == NGHTTP2_PING;
    return 0;
  }

  static ssize_t Body(nghttp2_session* session, int32_t stream_id, uint8_t* out, size_t capacity,
                      uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& answer = *static_cast<ScriptedAnswer*>(source->ptr);
    const size_t count = std::min(capacity, answer.body.size());
    memcpy(out, answer.body.data(), count);
    answer.body.erase(0, count);
    if (!answer.body.empty()) return static_cast<ssize_t>(count);
    if (answer.reset) return count > 0 ? static_cast<ssize_t>(count) : ssize_t{NGHTTP2_ERR_DEFERRED};
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!answer.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::vector<nghttp2_nv> nv = ToNv(answer.trailers);
      nghttp2_submit_trailer(session, stream_id, nv.data(), nv.size());
    }
    return static_cast<ssize_t>(count);
  }
};

ScriptedBackend::ScriptedBackend(Script script)
    : script_(std::move(script)), listener_(testing::ListenOnLoopback(1)), thread_([this] { Serve(); }) {}

ScriptedBackend::~ScriptedBackend() {
  for (const int fd : {listener_.fd, connection_.load()}) shutdown(fd, SHUT_RDWR);
  thread_.join();
  for (const int fd : {listener_.fd, connection_.load()}) close(fd);
}

ScriptedHead ScriptedBackend::last_request() {
  MutexLock lock(mutex_);
  return last_request_;
}

std::map<int32_t, uint32_t> ScriptedBackend::settings() {
  MutexLock lock(mutex_);
  return settings_;
}

void ScriptedBackend::OnSettings(const nghttp2_settings& settings) {
  MutexLock lock(mutex_);
  for (size_t i = 0; i < settings.niv; ++i) settings_[settings.iv[i].settings_id] = settings.iv[i].value;
}

void ScriptedBackend::OnRequest(nghttp2_session* session, int32_t stream_id) {
  const ScriptedHead& request = requests_[stream_id];
  if (absl::StartsWith(request.find(":path")->second, "/grpc.health.")) return;
  ++calls_;
  {
    MutexLock lock(mutex_);
    last_request_ = request;
  }
  ScriptedAnswer& answer = answers_[stream_id] = script_(request);
  if (answer.goaway) {
    nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, stream_id + *answer.goaway, NGHTTP2_NO_ERROR, nullptr,
                          0);
  }
  if (!answer.head.empty()) {
    const std::vector<nghttp2_nv> nv = ToNv(answer.head);
    nghttp2_data_provider provider{{.ptr = &answer}, &ScriptedBackendCallbacks::Body};
    const bool more = !answer.body.empty() || !answer.trailers.empty() || answer.reset;
    nghttp2_submit_response(session, stream_id, nv.data(), nv.size(), more ? &provider : nullptr);
  }
  // What comes before it leaves first.
  nghttp2_session_send(session);
  if (answer.reset) nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream_id, *answer.reset);
}

// Until one of both goes.
void ScriptedBackend::Serve() {
  const int fd = connection_ = accept(listener_.fd, nullptr, nullptr);
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &ScriptedBackendCallbacks::Header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &ScriptedBackendCallbacks::Frame);
  nghttp2_session_callbacks_set_send_callback(
      callbacks, [](nghttp2_session*, const uint8_t* bytes, size_t length, int, void* user) -> ssize_t {
        const ssize_t sent =
            send(static_cast<ScriptedBackend*>(user)->connection_, bytes, length, MSG_NOSIGNAL);
        return sent < 0 ? static_cast<ssize_t>(NGHTTP2_ERR_CALLBACK_FAILURE) : sent;
      });
  nghttp2_session* session = nullptr;
  nghttp2_session_server_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  uint8_t buffer[4096];
  while (nghttp2_session_send(session) == 0) {
    const ssize_t count = recv(fd, buffer, sizeof buffer, 0);
    if (count <= 0 || nghttp2_session_mem_recv(session, buffer, static_cast<size_t>(count)) < 0) break;
    for (const int32_t stream_id : std::exchange(waiting_, {})) OnRequest(session, stream_id);
  }
  nghttp2_session_del(session);
}

}  // namespace arasta::gateway
