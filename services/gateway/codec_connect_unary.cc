// Connect's unary calls: the bare message as the body of a POST, or in the query of a GET; the answer's
// trailers as fields "trailer-NAME", an error as JSON under an HTTP status. So the whole answer is held until
// its trailers are there: at most as large a message as the method's requests may have.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/connect.h"
#include "services/gateway/connect_query.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/gzip_answer.h"
#include "services/gateway/gzip_inflater.h"

namespace arasta::gateway {
namespace {

uint8_t FlagsFor(absl::string_view encoding) {
  return encoding == "gzip" ? kCompressedFlag : 0;
}

absl::Status TwoAnswers() {
  return BrokenAnswer("the backend gave two answers");
}

// The answer, which does not depend on how the request came.
class ConnectUnaryCodec : public FrontCodec {
 public:
  ConnectUnaryCodec(const Method* method, ConnectFormat format) : method_(method), format_(format) {}

  absl::string_view name() const override { return "connect"; }
  std::string BackendContentType(absl::string_view) const override { return "application/grpc+proto"; }
  bool from_browser() const override { return true; }

  void Head(const HeaderBlock& metadata, HttpAnswer&) override { metadata_ = metadata; }

  void Messages(absl::string_view frames, HttpAnswer& answer) override {
    frames_.append(frames.data(), frames.size());
    if (const absl::Status status = TakeMessage(); !status.ok()) answer.Fail(status);
  }

  void End(const HeaderBlock& trailers, HttpAnswer& answer) override {
    const absl::StatusCode code = StatusCodeOf(trailers);
    if (code != absl::StatusCode::kOk) return SendError(code, trailers, answer);
    if (message_) return Send(200, format_.name, trailers, *std::exchange(message_, {}), answer);
    End(ToTrailers(BrokenAnswer("the backend gave no answer")), answer);
  }

  size_t held() const override { return frames_.capacity() + (message_ ? message_->capacity() : 0); }

 protected:
  uint32_t max_message_bytes() const { return method_ == nullptr ? 0 : method_->max_request_bytes; }
  absl::StatusOr<CallTerms> Terms(const RequestHead& head, absl::string_view encoding) const {
    return ConnectTerms(head, encoding, format_.RequestMap(method_));
  }

 private:
  // Once it is all there. More than that is too much.
  absl::Status TakeMessage() {
    if (message_) return TwoAnswers();
    ASSIGN_OR_RETURN(const absl::optional<Frame> frame, FirstFrame(frames_, max_message_bytes()));
    if (!frame) return absl::OkStatus();
    if (frame->flags != 0) return BrokenAnswer("the backend's answer is compressed");
    if (frame->size() < frames_.size()) return TwoAnswers();
    message_.emplace();
    RETURN_IF_ERROR(format_.AppendAnswer(*method_, frame->message, *message_));
    std::string().swap(frames_);
    return absl::OkStatus();
  }

  void SendError(absl::StatusCode code, const HeaderBlock& trailers, HttpAnswer& answer) {
    if (code == absl::StatusCode::kUnauthenticated) metadata_.Add("www-authenticate", "Bearer");
    if (trailers.Find("grpc-accept-encoding")) metadata_.Add("accept-encoding", kAcceptedEncodings);
    Send(HttpStatusOf(code), "json", trailers, ConnectError(trailers), answer);
  }

  void Send(int http_status, absl::string_view format, const HeaderBlock& trailers, std::string body,
            HttpAnswer& answer) {
    HeaderBlock head;
    head.Add("content-type", absl::StrCat("application/", format));
    AddMetadata(metadata_, "", head);
    AddMetadata(trailers, "trailer-", head);
    GzipBody(format_.gzip, body, head);
    answer.SendHead(http_status, head);
    answer.body().Append(body);
    answer.BodyGrew();
    answer.End(HeaderBlock());
  }

  const Method* const method_;
  const ConnectFormat format_;
  HeaderBlock metadata_;
  std::string frames_;                   // of the answer: one
  absl::optional<std::string> message_;  // of it, as the client is told
};

class ConnectPostCodec final : public ConnectUnaryCodec {
 public:
  ConnectPostCodec(const RequestHead& head, const Method* method, ConnectFormat format)
      : ConnectUnaryCodec(method, format), flags_(FlagsFor(head.content_encoding)) {}

  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override {
    return ConnectUnaryCodec::Terms(head, head.content_encoding);
  }

  absl::Status Request(absl::string_view body, ByteQueue&) override {
    if (message_.size() + body.size() > max_message_bytes()) {
      return MessageTooLarge(message_.size() + body.size(), max_message_bytes());
    }
    message_.append(body.data(), body.size());
    return absl::OkStatus();
  }

  absl::Status RequestEnd(ByteQueue& frames) override {
    AppendFrame(flags_, std::exchange(message_, {}), frames);
    return absl::OkStatus();
  }

  size_t held() const override { return ConnectUnaryCodec::held() + message_.capacity(); }

 private:
  const uint8_t flags_;
  std::string message_;
};

class ConnectGetCodec final : public ConnectUnaryCodec {
 public:
  ConnectGetCodec(ConnectQuery query, const Method& method, ConnectFormat format)
      : ConnectUnaryCodec(&method, format), query_(std::move(query)) {}

  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override {
    if (!query_.version.empty() && query_.version != "v1") return InvalidField("connect", "is not v1");
    RETURN_IF_ERROR(query_.status);
    return ConnectUnaryCodec::Terms(head, query_.compression);
  }

  absl::Status Request(absl::string_view, ByteQueue&) override {
    return InvalidField("body", "belongs to a POST");
  }

  absl::Status RequestEnd(ByteQueue& frames) override {
    AppendFrame(FlagsFor(query_.compression), query_.message, frames);
    return absl::OkStatus();
  }

 private:
  const ConnectQuery query_;
};

}  // namespace

std::unique_ptr<FrontCodec> NewConnectUnaryCodec(const RequestHead& head, const Method* method,
                                                 ConnectFormat format) {
  return std::make_unique<ConnectPostCodec>(head, method, format);
}

std::unique_ptr<FrontCodec> NewConnectGetCodec(ConnectQuery query, const Method& method,
                                               ConnectFormat format) {
  return std::make_unique<ConnectGetCodec>(std::move(query), method, format);
}

}  // namespace arasta::gateway
