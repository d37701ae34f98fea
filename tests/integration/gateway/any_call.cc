#include "tests/integration/gateway/any_call.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/base64_decoder.h"
#include "services/gateway/grpc_frames.h"
#include "tests/integration/gateway/cutting_backend.h"
#include "tests/integration/gateway/raw_http2.h"

namespace arasta::gateway {
namespace {

constexpr char kStream[] = "/grpc.testing.TestService/StreamingOutputCall";
constexpr char kUnary[] = "/grpc.testing.TestService/UnaryCall";
constexpr uint32_t kStreamId = 1;

// Two of them, so that neither is ever empty.
void AddHalves(const std::string& bytes, std::vector<std::string>& pieces) {
  pieces.push_back(bytes.substr(0, bytes.size() / 2));
  pieces.push_back(bytes.substr(bytes.size() / 2));
}

class Http1Call final : public AnyCall {
 public:
  Http1Call(const Protocol& protocol, const Over& over, const std::string& plan)
      : AnyCall(protocol), wire_(over.port, over.security, "\x08http/1.1") {
    std::string head = absl::StrCat(protocol.verb, " ", protocol.path, " HTTP/1.1\r\nHost: a\r\n");
    if (!protocol.content_type.empty())
      absl::StrAppend(&head, "Content-Type: ", protocol.content_type, "\r\n");
    if (!protocol.body.empty()) absl::StrAppend(&head, "Content-Length: ", protocol.body.size(), "\r\n");
    if (!plan.empty()) absl::StrAppend(&head, "X-Plan: ", plan, "\r\n");
    AddHalves(head + "\r\n", pieces_);
    if (!protocol.body.empty()) AddHalves(protocol.body, pieces_);
  }

  bool AwaitHead() override {
    return Until([this] { return HeadSize() > 0; });
  }
  bool AwaitBody() override {
    return Until([this] { return HeadSize() > 0 && seen_.size() > HeadSize(); });
  }
  bool AwaitClosed() override {
    return !Until([] { return false; }) && closed_;
  }
  Told AwaitEnd() override {
    if (!Until([this] { return Whole(); })) return Told::kNothing;
    int http_status = 0;
    (void)absl::SimpleAtoi(absl::string_view(seen_).substr(9, 3), &http_status);
    return Judge(http_status, "", Body());
  }
  Wire& wire() override { return wire_; }

 private:
  template <class Done>
  bool Until(Done done) {
    std::array<char, 16 * 1024> buffer;
    for (short happened = 0; !done();) {
      if (closed_ || !wire_.Wait(POLLIN, &happened)) return false;
      const ssize_t count = wire_.Read(buffer.data(), buffer.size());
      if (count > 0) seen_.append(buffer.data(), static_cast<size_t>(count));
      closed_ = count == 0 || (count < 0 && errno != EAGAIN);
    }
    return true;
  }

  // 0 while there is none.
  size_t HeadSize() const {
    const size_t end = seen_.find("\r\n\r\n");
    return end == std::string::npos ? 0 : end + 4;
  }
  bool Chunked() const {
    return absl::StrContains(seen_.substr(0, HeadSize()), "transfer-encoding: chunked");
  }
  bool Whole() const {
    const size_t head = HeadSize();
    if (head == 0) return false;
    if (Chunked()) return absl::EndsWith(seen_, "0\r\n\r\n") && Dechunk().second;
    constexpr absl::string_view kLength = "content-length: ";
    const size_t at = absl::string_view(seen_).find(kLength);
    if (at > head) return true;
    size_t length = 0;
    const size_t digits = at + kLength.size();
    return absl::SimpleAtoi(seen_.substr(digits, seen_.find('\r', digits) - digits), &length) &&
           seen_.size() - head >= length;
  }
  std::string Body() const { return Chunked() ? Dechunk().first : seen_.substr(HeadSize()); }

  // And whether the last chunk was among them.
  std::pair<std::string, bool> Dechunk() const {
    std::string body;
    absl::string_view rest = absl::string_view(seen_).substr(HeadSize());
    for (;;) {
      const size_t line = rest.find("\r\n");
      uint32_t size = 0;
      if (line == rest.npos || !absl::SimpleHexAtoi(rest.substr(0, line), &size)) return {body, false};
      if (size == 0) return {body, true};
      if (rest.size() < line + 4 + size) return {body, false};
      absl::StrAppend(&body, rest.substr(line + 2, size));
      rest.remove_prefix(line + 4 + size);
    }
  }

  void SendBytes(absl::string_view bytes) override {
    short happened = 0;
    while (!bytes.empty()) {
      const ssize_t sent = wire_.Write(bytes);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      if (sent < 0 && (errno != EAGAIN || !wire_.Wait(POLLOUT, &happened))) return;
    }
  }

  Wire wire_;
  std::string seen_;
  bool closed_ = false;
};

class Http2Call final : public AnyCall {
 public:
  Http2Call(const Protocol& protocol, const Over& over, const std::string& plan)
      : AnyCall(protocol), client_(over.port, /*greet=*/true, over.security) {
    std::string fields = Fields(
        {{":method", protocol.verb}, {":scheme", "http"}, {":authority", "a"}, {":path", protocol.path}});
    if (!protocol.content_type.empty()) fields += Fields({{"content-type", protocol.content_type}});
    if (protocol.speech == Speech::kGrpc) fields += Fields({{"te", "trailers"}});
    if (!plan.empty()) fields += Fields({{"x-plan", plan}});
    const uint8_t end = protocol.body.empty() ? NGHTTP2_FLAG_END_STREAM : 0;
    AddHalves(Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | end, kStreamId, fields), pieces_);
    if (protocol.body.empty()) return;
    AddHalves(Frame(NGHTTP2_DATA, 0, kStreamId, protocol.body), pieces_);
    pieces_.push_back(Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, kStreamId));
  }

  bool AwaitHead() override {
    return client_.Until([this] { return !answer().head.empty(); });
  }
  bool AwaitBody() override {
    return client_.Until([this] { return !answer().body.empty(); });
  }
  bool AwaitClosed() override { return client_.UntilClosed(); }
  Told AwaitEnd() override {
    if (!client_.Until([this] { return answer().ended || answer().reset; })) return Told::kNothing;
    if (!answer().ended) return Told::kNothing;
    int http_status = 0;
    (void)absl::SimpleAtoi(answer().Field(":status"), &http_status);
    return Judge(http_status, answer().Field("grpc-status"), answer().body);
  }
  void Reset() override { client_.Send(Frame(NGHTTP2_RST_STREAM, 0, kStreamId, Number(NGHTTP2_CANCEL))); }
  void Goaway() override {
    client_.Send(Frame(NGHTTP2_GOAWAY, 0, 0, absl::StrCat(Number(0), Number(NGHTTP2_NO_ERROR))));
  }
  Wire& wire() override { return client_.wire(); }

 private:
  const Http2Answer& answer() { return client_.answer(kStreamId); }
  void SendBytes(absl::string_view bytes) override { client_.Send(bytes); }

  RawHttp2 client_;
};

bool HasMessages(size_t bytes) {
  return bytes > 2 * CuttingBackend::kMessageBytes;
}

// The gRPC status of a gRPC-Web answer, which is its last frame.
Told JudgeWeb(const std::string& body) {
  const size_t status = body.find("grpc-status:");
  if (status == std::string::npos) return Told::kNothing;
  if (!absl::StartsWith(body.substr(status), "grpc-status:0\r\n")) return Told::kError;
  return HasMessages(status) ? Told::kOk : Told::kNothing;
}

// The last envelope, which has flag 2, may have an "error".
Told JudgeConnectStream(int http_status, const std::string& body) {
  constexpr char kEndOfStream = 2;
  if (http_status != 200) return Told::kError;
  for (size_t at = 0; at + kFrameHeadSize <= body.size();) {
    size_t length = 0;
    for (size_t i = 1; i < kFrameHeadSize; ++i) length = length << 8 | static_cast<uint8_t>(body[at + i]);
    const absl::string_view message = absl::string_view(body).substr(at + kFrameHeadSize, length);
    if (body[at] == kEndOfStream && message.size() == length)
      return absl::StrContains(message, "\"error\":") ? Told::kError : Told::kOk;
    at += kFrameHeadSize + length;
  }
  return Told::kNothing;
}

Told JudgeRestStream(int http_status, const std::string& body) {
  if (http_status != 200 || absl::EndsWith(body, "}}]")) return Told::kError;
  return absl::EndsWith(body, "]") ? Told::kOk : Told::kNothing;
}

}  // namespace

std::vector<Protocol> AllProtocols(bool http2) {
  const std::string frame = GrpcFrame("");
  const std::vector<Protocol> all = {
      {"Grpc", Speech::kGrpc, "POST", kStream, "application/grpc", frame, /*needs_http2=*/true},
      {"GrpcWeb", Speech::kGrpcWeb, "POST", kStream, "application/grpc-web+proto", frame},
      {"GrpcWebText", Speech::kGrpcWebText, "POST", kStream, "application/grpc-web-text",
       absl::Base64Escape(frame)},
      {"ConnectProto", Speech::kConnect, "POST", kUnary, "application/proto", std::string("\xc2\x3e\0", 3)},
      {"ConnectJson", Speech::kConnect, "POST", kUnary, "application/json", "{}"},
      {"ConnectStreamProto", Speech::kConnectStream, "POST", kStream, kConnectProto, frame},
      {"ConnectStreamJson", Speech::kConnectStream, "POST", kStream, "application/connect+json",
       GrpcFrame("{}")},
      {"Rest", Speech::kRest, "POST", "/v1/things", "application/json", "{}"},
      {"RestStream", Speech::kRestStream, "GET", "/v1/things:watch", "", ""},
      {"Webhook", Speech::kWebhook, "POST", "/webhooks/any", "text/plain", "paid"},
  };
  std::vector<Protocol> spoken;
  std::copy_if(all.begin(), all.end(), std::back_inserter(spoken),
               [&](const Protocol& protocol) { return http2 || !protocol.needs_http2; });
  return spoken;
}

void ServeAllProtocols(const std::string& backend, GatewayConfig& config) {
  config.routes = {{"/grpc.testing.TestService/", backend, options::v1::Access::PUBLIC},
                   {"/arasta.testing.v1.", backend}};
  config.webhooks = {{"any", "/arasta.testing.v1.WebhookService/Take"}};
}

std::unique_ptr<AnyCall> AnyCall::Make(const Protocol& protocol, const Over& over, const std::string& plan) {
  if (over.http2) return std::make_unique<Http2Call>(protocol, over, plan);
  return std::make_unique<Http1Call>(protocol, over, plan);
}

void AnyCall::Send(int pieces) {
  for (; sent_ < pieces; ++sent_) SendBytes(pieces_[static_cast<size_t>(sent_)]);
}

Told AnyCall::Judge(int http_status, const std::string& grpc_status, const std::string& body) const {
  switch (protocol_.speech) {
    case Speech::kGrpc:
      if (!grpc_status.empty() && grpc_status != "0") return Told::kError;
      return grpc_status == "0" && HasMessages(body.size()) ? Told::kOk : Told::kNothing;
    case Speech::kGrpcWeb:
      return JudgeWeb(body);
    case Speech::kGrpcWebText: {
      std::string bytes;
      return Base64Decoder().Decode(body, bytes) ? JudgeWeb(bytes) : Told::kNothing;
    }
    case Speech::kConnectStream:
      return JudgeConnectStream(http_status, body);
    case Speech::kRestStream:
      return JudgeRestStream(http_status, body);
    default:
      return http_status == 200 ? Told::kOk : Told::kError;
  }
}

}  // namespace arasta::gateway
