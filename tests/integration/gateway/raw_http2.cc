#include "tests/integration/gateway/raw_http2.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace arasta::gateway {
namespace {

constexpr size_t kFrameHead = 9;
constexpr size_t kBatch = 16 * 1024;

uint32_t NumberAt(absl::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (const char c : bytes.substr(at, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// HPACK's string without Huffman.
std::string Text(absl::string_view text) {
  std::string out(1, static_cast<char>(std::min<size_t>(text.size(), 127)));
  if (text.size() >= 127) {
    size_t rest = text.size() - 127;
    for (; rest >= 128; rest >>= 7) out.push_back(static_cast<char>(rest | 128));
    out.push_back(static_cast<char>(rest));
  }
  return absl::StrCat(out, text);
}

}  // namespace

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload) {
  const size_t size = payload.size();
  const std::string head = {static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                            static_cast<char>(size), static_cast<char>(type), static_cast<char>(flags)};
  return absl::StrCat(head, Number(stream), payload);
}

std::string Number(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::string Setting(uint16_t id, uint32_t value) {
  return absl::StrCat(Number(id).substr(2), Number(value));
}

std::string Fields(std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block.push_back('\0');
    absl::StrAppend(&block, Text(name), Text(value));
  }
  return block;
}

std::string CallFields(absl::string_view path) {
  return Fields({{":method", "POST"},
                 {":scheme", "http"},
                 {":authority", "test"},
                 {":path", path},
                 {"te", "trailers"},
                 {"content-type", "application/grpc"}});
}

std::string Call(uint32_t stream) {
  return absl::StrCat(Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, stream, CallFields()),
                      Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, stream, GrpcFrame("")));
}

RawHttp2::RawHttp2(int port, bool greet, WireSecurity security)
    : wire_(port, security, "\x02h2"), closed_(!wire_.connected()) {
  nghttp2_hd_inflate_new(&inflater_);
  if (greet) Send(absl::StrCat(NGHTTP2_CLIENT_MAGIC, Frame(NGHTTP2_SETTINGS, 0, 0)));
}

RawHttp2::~RawHttp2() {
  nghttp2_hd_inflate_del(inflater_);
}

void RawHttp2::Send(absl::string_view bytes) {
  while (!bytes.empty() && !closed_) {
    const ssize_t sent = wire_.Write(bytes);
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
    if (sent < 0 && errno != EAGAIN) return UntilClosed(), void();
    if (!bytes.empty() && !Poll(POLLIN | POLLOUT)) return;
  }
}

void RawHttp2::Flood(const std::function<std::string(int)>& piece, int most) {
  for (int i = 0; i < most && !closed_ && !goaway_;) {
    std::string batch;
    for (; i < most && batch.size() < kBatch; ++i) absl::StrAppend(&batch, piece(i));
    Send(batch);
  }
}

bool RawHttp2::Until(const std::function<bool()>& done) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (!done() && !closed_) {
    if (absl::Now() > end) return false;
    Poll(POLLIN);
  }
  return done();
}

// Reads what has come; false when nothing happened for long.
bool RawHttp2::Poll(short events) {
  short happened = 0;
  if (!wire_.Wait(events, &happened)) return false;
  if (happened & ~POLLOUT) Read();
  return true;
}

void RawHttp2::Read() {
  std::array<char, 64 * 1024> buffer;
  const ssize_t count = wire_.Read(buffer.data(), buffer.size());
  if (count <= 0) {
    closed_ = count == 0 || errno != EAGAIN;
    return;
  }
  received_.append(buffer.data(), static_cast<size_t>(count));
  absl::string_view rest = received_;
  while (rest.size() >= kFrameHead) {
    const size_t size = NumberAt(rest, 0) >> 8;
    if (rest.size() < kFrameHead + size) break;
    OnFrame(static_cast<uint8_t>(rest[3]), static_cast<uint8_t>(rest[4]), NumberAt(rest, 5),
            rest.substr(kFrameHead, size));
    rest.remove_prefix(kFrameHead + size);
  }
  received_.erase(0, received_.size() - rest.size());
}

void RawHttp2::OnFrame(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload) {
  const bool answers = flags & NGHTTP2_FLAG_ACK;
  if (type == NGHTTP2_GOAWAY) goaway_ = NumberAt(payload, 4);
  if (type == NGHTTP2_PING && answers) ++ping_answers_;
  if (type == NGHTTP2_SETTINGS && answers) ++settings_answers_;
  if (stream == 0) return;
  Http2Answer& answer = answers_[static_cast<int32_t>(stream)];
  if (type == NGHTTP2_RST_STREAM) answer.reset = NumberAt(payload, 0);
  if (type == NGHTTP2_DATA) answer.body.append(payload.data(), payload.size());
  if (type == NGHTTP2_HEADERS) OnFields(answer, payload);
  if (type == NGHTTP2_HEADERS || type == NGHTTP2_DATA) answer.ended = flags & NGHTTP2_FLAG_END_STREAM;
}

void RawHttp2::OnFields(Http2Answer& answer, absl::string_view block) {
  auto& fields = answer.head.empty() ? answer.head : answer.trailers;
  const auto* next = reinterpret_cast<const uint8_t*>(block.data());
  for (const uint8_t* const end = next + block.size(); next < end;) {
    nghttp2_nv field{};
    int flags = 0;
    const ssize_t used =
        nghttp2_hd_inflate_hd2(inflater_, &field, &flags, next, static_cast<size_t>(end - next), 1);
    if (used < 0) return;
    next += used;
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
    fields.emplace(std::string(reinterpret_cast<const char*>(field.name), field.namelen),
                   std::string(reinterpret_cast<const char*>(field.value), field.valuelen));
  }
  nghttp2_hd_inflate_end_headers(inflater_);
}

}  // namespace arasta::gateway
