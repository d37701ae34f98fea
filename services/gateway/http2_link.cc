#include "services/gateway/http2_link.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace arasta::gateway {

// The trampolines from nghttp2's C callbacks.
struct Http2Callbacks {
  static Http2Link& Link(void* user) { return *static_cast<Http2Link*>(user); }
  static absl::string_view View(const uint8_t* bytes, size_t length) {
    return absl::string_view(reinterpret_cast<const char*>(bytes), length);
  }

  static ssize_t Send(nghttp2_session*, const uint8_t* bytes, size_t length, int, void* user) {
    Http2Link& link = Link(user);
    if (link.unsent() >= Http2Link::kOutputMark) return NGHTTP2_ERR_WOULDBLOCK;
    link.output().append(reinterpret_cast<const char*>(bytes), length);
    return static_cast<ssize_t>(length);
  }

  static ssize_t ReadBody(nghttp2_session* session, int32_t stream_id, uint8_t*, size_t capacity,
                          uint32_t* flags, nghttp2_data_source* source, void* user) {
    OutgoingBody& body = *static_cast<OutgoingBody*>(source->ptr);
    const size_t count = std::min(capacity, body.bytes().size());
    const bool last = body.complete() && count == body.bytes().size();
    if (count == 0 && !last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (!last) return static_cast<ssize_t>(count);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!body.trailers().empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::vector<nghttp2_nv>& nv = Link(user).ToNv(body.trailers());
      nghttp2_submit_trailer(session, stream_id, nv.data(), nv.size());
    }
    return static_cast<ssize_t>(count);
  }

  static int SendData(nghttp2_session*, nghttp2_frame*, const uint8_t* frame_head, size_t length,
                      nghttp2_data_source* source, void* user) {
    Http2Link& link = Link(user);
    constexpr size_t kFrameHead = 9;
    link.output().append(reinterpret_cast<const char*>(frame_head), kFrameHead);
    OutgoingBody& body = *static_cast<OutgoingBody*>(source->ptr);
    const absl::string_view bytes = body.bytes().front().substr(0, length);
    link.output().append(bytes.data(), bytes.size());
    ++link.data_frames_sent_;
    body.bytes().Take(length);
    body.OnTaken(length);
    // Never WOULDBLOCK: nghttp2 would keep the frame, and with it a body that may be gone by then.
    return link.unsent() >= Http2Link::kOutputMark ? NGHTTP2_ERR_PAUSE : 0;
  }

  static int BeginFrame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    Link(user).OnFrameBegin(*head);
    return 0;
  }

  static int BeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Link(user).OnBeginHeaders(frame->hd.stream_id);
    return 0;
  }

  static int Header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_length,
                    const uint8_t* value, size_t value_length, uint8_t flags, void* user) {
    const bool keep = Link(user).OnHeader(frame->hd.stream_id, View(name, name_length),
                                          View(value, value_length), flags & NGHTTP2_NV_FLAG_NO_INDEX);
    return keep ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int Frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Link& link = Link(user);
    const bool end_stream = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (frame->hd.type == NGHTTP2_HEADERS) {
      link.OnHeadersComplete(frame->hd.stream_id, end_stream);
    } else if (frame->hd.type == NGHTTP2_DATA) {
      if (end_stream) link.OnEndOfData(frame->hd.stream_id);
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
      link.OnGoaway();
    } else if (frame->hd.type == NGHTTP2_SETTINGS && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) {
      link.OnSettings();
    }
    return 0;
  }

  static int FrameNotSent(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
    const bool request = frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    if (request) Link(user).OnNotSent(frame->hd.stream_id);
    return 0;
  }

  static int Data(nghttp2_session* session, uint8_t, int32_t stream_id, const uint8_t* bytes, size_t length,
                  void* user) {
    nghttp2_session_consume_connection(session, length);
    Link(user).OnData(stream_id, View(bytes, length));
    return 0;
  }

  static int FrameSent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (may_end && frame->hd.flags & NGHTTP2_FLAG_END_STREAM) Link(user).OnEndSent(frame->hd.stream_id);
    return 0;
  }

  static int StreamClose(nghttp2_session*, int32_t stream_id, uint32_t error_code, void* user) {
    Link(user).OnStreamClose(stream_id, error_code);
    return 0;
  }

  // Of a type that we don't know.
  static int IgnoreExtension(nghttp2_session*, void**, const nghttp2_frame_hd*, void*) {
    return NGHTTP2_ERR_CANCEL;
  }

  static int InvalidFrame(nghttp2_session*, const nghttp2_frame*, int, void* user) {
    Link(user).OnInvalidFrame();
    return 0;
  }
};

namespace {

// Built once; nghttp2 copies it into each session.
const nghttp2_session_callbacks* Callbacks() {
  static const nghttp2_session_callbacks* const callbacks = [] {
    nghttp2_session_callbacks* made = nullptr;
    nghttp2_session_callbacks_new(&made);
    nghttp2_session_callbacks_set_send_callback(made, &Http2Callbacks::Send);
    nghttp2_session_callbacks_set_send_data_callback(made, &Http2Callbacks::SendData);
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, &Http2Callbacks::BeginFrame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, &Http2Callbacks::BeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(made, &Http2Callbacks::Header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, &Http2Callbacks::Frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &Http2Callbacks::Data);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, &Http2Callbacks::FrameSent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(made, &Http2Callbacks::FrameNotSent);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, &Http2Callbacks::StreamClose);
    nghttp2_session_callbacks_set_unpack_extension_callback(made, &Http2Callbacks::IgnoreExtension);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, &Http2Callbacks::InvalidFrame);
    return made;
  }();
  return callbacks;
}

struct OptionFree {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};

std::unique_ptr<nghttp2_option, OptionFree> Options() {
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  // gRPC lets values begin and end with spaces, and its libraries send them.
  nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1);
  // CONTINUATION is capped at 8 frames as it is. nghttp2's own cap on resets does not tell a client that
  // closes a thousand idle watches from an attacker; FrontHttp2 does.
  nghttp2_option_set_stream_reset_rate_limit(option, 10'000, 10'000);
  nghttp2_option_set_max_settings(option, 32);
  nghttp2_option_set_max_outbound_ack(option, 100);
  // Otherwise OnFrameBegin would not hear of them.
  for (int type = NGHTTP2_ALTSVC; type <= 0xff; ++type) {
    nghttp2_option_set_user_recv_extension_type(option, static_cast<uint8_t>(type));
  }
  return std::unique_ptr<nghttp2_option, OptionFree>(option);
}

uint8_t* Bytes(absl::string_view text) {
  return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
}

}  // namespace

Http2Link::Http2Link(Loop& loop, Socket socket, bool connecting, Role role, const Limits& limits)
    : Connection(loop, std::move(socket), connecting) {
  const auto option = Options();
  std::vector<nghttp2_settings_entry> settings = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.max_header_list},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  if (role == Role::kServer) {
    nghttp2_session_server_new2(&session_, Callbacks(), this, option.get());
    settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams});
  } else {
    nghttp2_session_client_new2(&session_, Callbacks(), this, option.get());
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<int32_t>(limits.connection_window));
  FlushSoon();
}

Http2Link::~Http2Link() {
  nghttp2_session_del(session_);
}

void Http2Link::OnInput(absl::string_view bytes) {
  const ssize_t taken =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) {
    // A flood of what has to be answered, of CONTINUATION, out of memory, or not HTTP/2 at all.
    nghttp2_session_terminate_session(
        session_, taken == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
    FlushSoon();
    if (taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC) Close();
    return;
  }
  FlushSoon();
}

void Http2Link::FillOutput() {
  if (unsent() >= kOutputMark) return;
  if (nghttp2_session_want_write(session_) && nghttp2_session_send(session_) != 0) Close();
}

bool Http2Link::Finished() const {
  return !nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_);
}

const std::vector<nghttp2_nv>& Http2Link::ToNv(const HeaderBlock& block) {
  nv_.clear();
  AppendNv(block);
  return nv_;
}

void Http2Link::AppendNv(const HeaderBlock& block) {
  for (size_t i = 0; i < block.size(); ++i) {
    const HeaderBlock::Field field = block[i];
    const uint8_t flags =
        field.indexing == Indexing::kNever ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
    nv_.push_back({Bytes(field.name), Bytes(field.value), field.name.size(), field.value.size(), flags});
  }
}

void Http2Link::SubmitAnswer(int32_t stream_id, int http_status, const HeaderBlock& head,
                             OutgoingBody* body) {
  constexpr absl::string_view kStatus = ":status";
  const absl::AlphaNum status(http_status);
  nghttp2_data_provider provider{{.ptr = body}, &Http2Callbacks::ReadBody};
  nv_.clear();
  nv_.push_back({Bytes(kStatus), Bytes(status.Piece()), kStatus.size(), status.size(), NGHTTP2_NV_FLAG_NONE});
  AppendNv(head);
  nghttp2_submit_response(session_, stream_id, nv_.data(), nv_.size(), body == nullptr ? nullptr : &provider);
  FlushSoon();
}

int32_t Http2Link::SubmitRequest(const HeaderBlock& head, OutgoingBody* body, void* stream_user) {
  nghttp2_data_provider provider{{.ptr = body}, &Http2Callbacks::ReadBody};
  const std::vector<nghttp2_nv>& nv = ToNv(head);
  FlushSoon();
  return nghttp2_submit_request(session_, nullptr, nv.data(), nv.size(), &provider, stream_user);
}

void Http2Link::ResumeBody(int32_t stream_id) {
  nghttp2_session_resume_data(session_, stream_id);
  FlushSoon();
}

void Http2Link::Reset(int32_t stream_id, uint32_t error_code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream_id, error_code);
  FlushSoon();
}

void Http2Link::Credit(int32_t stream_id, size_t count) {
  if (!open()) return;
  nghttp2_session_consume_stream(session_, stream_id, count);
  FlushSoon();
}

}  // namespace arasta::gateway
