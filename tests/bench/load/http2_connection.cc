// HTTP/2 by nghttp2, over the transport's bytes.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <vector>

#include "tests/bench/load/connection.h"

namespace arasta::bench {
namespace {

constexpr int32_t kWindow = 1 << 30;

struct Stream {
  const Request& request;
  Nanos intended;
  Outcome outcome;
  size_t sent = 0;
};

nghttp2_nv Field(absl::string_view name, absl::string_view value) {
  // nghttp2 copies both; its type is not const for historical reasons.
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

class Http2Connection final : public Connection {
 public:
  Http2Connection(std::unique_ptr<Transport> transport, Protocol protocol, bool tls, Ended ended)
      : Connection(std::move(transport), protocol, std::move(ended)), scheme_(tls ? "https" : "http") {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &OnClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const std::array<nghttp2_settings_entry, 2> settings = {
        {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow}, {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
  }
  ~Http2Connection() override {
    nghttp2_session_del(session_);
    for (Stream* stream : streams_) delete stream;
  }

  bool HasRoom() const override {
    const uint32_t limit =
        nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return streams_.size() < limit && nghttp2_session_check_request_allowed(session_) != 0;
  }

  void Send(const Request& request, Nanos intended) override {
    fields_ = {Field(":method", request.verb), Field(":scheme", scheme_), Field(":authority", "localhost"),
               Field(":path", request.path)};
    for (const auto& [name, value] : request.fields) fields_.push_back(Field(name, value));
    auto* stream = new Stream{request, intended, Outcome(protocol_)};
    streams_.insert(stream);
    nghttp2_data_provider body{{.ptr = stream}, &ReadBody};
    const int32_t id = nghttp2_submit_request(session_, nullptr, fields_.data(), fields_.size(),
                                              request.body.empty() ? nullptr : &body, stream);
    if (id < 0) End(stream, kBroken);
  }

  int under_way() const override { return static_cast<int>(streams_.size()); }

 private:
  bool OnBytes(absl::string_view bytes) override {
    return nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) >=
           0;
  }

  void Serialise() override {
    const uint8_t* bytes = nullptr;
    for (ssize_t count = 1; count > 0;) {
      count = nghttp2_session_mem_send(session_, &bytes);
      if (count > 0) transport_->output().append(reinterpret_cast<const char*>(bytes), count);
    }
  }

  void Abandon() override {
    while (!streams_.empty()) End(*streams_.begin(), kBroken);
  }

  void End(Stream* stream, int code) {
    const Nanos intended = stream->intended;
    streams_.erase(stream);
    delete stream;
    ended_(intended, code);
  }

  static Stream* StreamOf(nghttp2_session* session, int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t, void*) {
    Stream* stream = StreamOf(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    const absl::string_view field(reinterpret_cast<const char*>(name), name_size);
    const absl::string_view text(reinterpret_cast<const char*>(value), value_size);
    if (field == ":status") {
      stream->outcome.OnHttpStatus(text);
    } else {
      stream->outcome.OnField(field, text);
    }
    return 0;
  }

  static int OnData(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* bytes, size_t size, void*) {
    if (Stream* stream = StreamOf(session, id)) {
      stream->outcome.OnBody({reinterpret_cast<const char*>(bytes), size});
    }
    return 0;
  }

  static int OnClose(nghttp2_session* session, int32_t id, uint32_t error, void* user) {
    Stream* stream = StreamOf(session, id);
    if (stream == nullptr) return 0;
    static_cast<Http2Connection*>(user)->End(stream,
                                             error == NGHTTP2_NO_ERROR ? stream->outcome.Code() : kBroken);
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* out, size_t capacity, uint32_t* flags,
                          nghttp2_data_source* source, void*) {
    auto* stream = static_cast<Stream*>(source->ptr);
    const std::string& body = stream->request.body;
    const size_t count = std::min(capacity, body.size() - stream->sent);
    memcpy(out, body.data() + stream->sent, count);
    stream->sent += count;
    if (stream->sent == body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  const std::string scheme_;
  nghttp2_session* session_ = nullptr;
  std::unordered_set<Stream*> streams_;
  std::vector<nghttp2_nv> fields_;
};

}  // namespace

std::unique_ptr<Connection> MakeHttp2Connection(std::unique_ptr<Transport> transport, Protocol protocol,
                                                bool tls, Connection::Ended ended) {
  return std::make_unique<Http2Connection>(std::move(transport), protocol, tls, std::move(ended));
}

}  // namespace arasta::bench
