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
#include "services/gateway/gzip_inflater.h"

namespace arasta::gateway {
namespace {

absl::Status BrokenAnswer(absl::string_view why) {
  return Error(absl::StatusCode::kInternal, "BROKEN_ANSWER", why);
}

uint8_t FlagsFor(absl::string_view encoding) {
  return encoding == "gzip" ? kCompressedFlag : 0;
}

void AppendFrame(uint8_t flags, absl::string_view message, ByteQueue& frames) {
  const auto head = FrameHead(flags, static_cast<uint32_t>(message.size()));
  frames.Append(absl::string_view(head.data(), head.size()));
  frames.Append(message);
}

// The answer, which does not depend on how the request came.
class ConnectUnaryCodec : public FrontCodec {
 public:
  explicit ConnectUnaryCodec(const Method* method)
      : max_message_bytes_(method == nullptr ? 0 : method->max_request_bytes) {}

  absl::string_view name() const override { return "connect"; }
  std::string BackendContentType(absl::string_view) const override { return "application/grpc+proto"; }
  bool from_browser() const override { return true; }

  void Head(const HeaderBlock& metadata, HttpAnswer&) override { metadata_ = metadata; }

  void Messages(absl::string_view frames, HttpAnswer& answer) override {
    frames_.append(frames.data(), frames.size());
    const absl::StatusOr<absl::optional<Frame>> frame = FirstFrame(frames_, max_message_bytes_);
    if (!frame.ok()) return answer.Fail(frame.status());
    if (!*frame) return;
    if ((*frame)->flags != 0) return answer.Fail(BrokenAnswer("the backend's answer is compressed"));
    if ((*frame)->size() < frames_.size()) return answer.Fail(BrokenAnswer("the backend gave two answers"));
    complete_ = true;
  }

  void End(const HeaderBlock& trailers, HttpAnswer& answer) override {
    const bool ok = StatusCodeOf(trailers) == absl::StatusCode::kOk;
    if (!ok)
      return Send(trailers, HttpStatusOf(StatusCodeOf(trailers)), "application/json", ConnectError(trailers),
                  answer);
    if (complete_)
      return Send(trailers, 200, "application/proto", absl::string_view(frames_).substr(kFrameHeadSize),
                  answer);
    End(ToTrailers(BrokenAnswer("the backend gave no answer")), answer);
  }

 protected:
  uint32_t max_message_bytes() const { return max_message_bytes_; }

 private:
  void Send(const HeaderBlock& trailers, int http_status, absl::string_view type, absl::string_view body,
            HttpAnswer& answer) {
    HeaderBlock head;
    head.Add("content-type", type);
    AddMetadata(metadata_, "", head);
    AddMetadata(trailers, "trailer-", head);
    if (http_status == 401) head.Add("www-authenticate", "Bearer");
    if (trailers.Find("grpc-accept-encoding")) head.Add("accept-encoding", kAcceptedEncodings);
    answer.SendHead(http_status, head);
    answer.body().Append(body);
    answer.BodyGrew();
    answer.End(HeaderBlock());
  }

  const uint32_t max_message_bytes_;
  HeaderBlock metadata_;
  std::string frames_;  // of the answer: one
  bool complete_ = false;
};

class ConnectPostCodec final : public ConnectUnaryCodec {
 public:
  ConnectPostCodec(const RequestHead& head, const Method* method)
      : ConnectUnaryCodec(method), flags_(FlagsFor(head.content_encoding)) {}

  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override {
    return ConnectTerms(head, head.content_encoding);
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

 private:
  const uint8_t flags_;
  std::string message_;
};

class ConnectGetCodec final : public ConnectUnaryCodec {
 public:
  ConnectGetCodec(ConnectQuery query, const Method& method)
      : ConnectUnaryCodec(&method), query_(std::move(query)) {}

  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override {
    if (!query_.version.empty() && query_.version != "v1") return InvalidField("connect", "is not v1");
    RETURN_IF_ERROR(query_.message.status());
    return ConnectTerms(head, query_.compression);
  }

  absl::Status Request(absl::string_view, ByteQueue&) override {
    return InvalidField("body", "belongs to a POST");
  }

  absl::Status RequestEnd(ByteQueue& frames) override {
    AppendFrame(FlagsFor(query_.compression), *query_.message, frames);
    return absl::OkStatus();
  }

 private:
  const ConnectQuery query_;
};

}  // namespace

std::unique_ptr<FrontCodec> NewConnectUnaryCodec(const RequestHead& head, const Method* method) {
  return std::make_unique<ConnectPostCodec>(head, method);
}

std::unique_ptr<FrontCodec> NewConnectGetCodec(ConnectQuery query, const Method& method) {
  return std::make_unique<ConnectGetCodec>(std::move(query), method);
}

}  // namespace arasta::gateway
