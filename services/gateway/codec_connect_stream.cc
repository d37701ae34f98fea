// Connect's streams: messages in envelopes, which are gRPC's frames, both ways; HTTP says 200 whatever
// happens, and the answer's last envelope, flag 2, is JSON: {"error":{…},"metadata":{…}}.
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/gateway/connect.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/gzip_answer.h"
#include "services/gateway/gzip_inflater.h"

namespace arasta::gateway {
namespace {

constexpr uint8_t kEndFlag = 2;

std::string EndOfStream(const HeaderBlock& trailers) {
  std::string json = "{";
  if (StatusCodeOf(trailers) != absl::StatusCode::kOk) {
    absl::StrAppend(&json, "\"error\":", ConnectError(trailers), ",");
  }
  absl::StrAppend(&json, "\"metadata\":", ConnectMetadata(trailers), "}");
  return json;
}

// The head of an answer that is nothing but its end.
HeaderBlock HeadFor(const HeaderBlock& trailers) {
  HeaderBlock head;
  if (trailers.Find("grpc-accept-encoding")) head.Add("connect-accept-encoding", kAcceptedEncodings);
  return head;
}

class ConnectStreamCodec final : public FrontCodec {
 public:
  ConnectStreamCodec(const Method* method, ConnectFormat format) : method_(method), format_(format) {}

  absl::string_view name() const override { return "connect-stream"; }
  std::string BackendContentType(absl::string_view) const override { return "application/grpc+proto"; }
  bool from_browser() const override { return true; }
  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override {
    return ConnectTerms(head, head.connect_encoding, format_.RequestMap(method_));
  }

  absl::Status Request(absl::string_view body, ByteQueue& frames) override {
    frames.Append(body);
    return absl::OkStatus();
  }
  absl::Status RequestEnd(ByteQueue&) override { return absl::OkStatus(); }

  void Head(const HeaderBlock& metadata, HttpAnswer& answer) override {
    HeaderBlock head;
    head.Add("content-type", absl::StrCat("application/connect+", format_.name));
    if (format_.gzip) head.Add("connect-content-encoding", "gzip");
    AddMetadata(metadata, "", head);
    answer.SendHead(200, head);
    head_sent_ = true;
  }

  void Messages(absl::string_view frames, HttpAnswer& answer) override {
    const absl::Status status = Tell(frames, answer.body());
    status.ok() ? answer.BodyGrew() : answer.Fail(status);
  }

  void End(const HeaderBlock& trailers, HttpAnswer& answer) override {
    // After the beginning of a message the end would be taken for the rest of it.
    if (!sent_.at_boundary() || passing_ > 0) return answer.Break();
    if (!head_sent_) Head(HeadFor(trailers), answer);
    AppendFrame(kEndFlag, EndOfStream(trailers), answer.body());
    answer.BodyGrew();
    answer.End(HeaderBlock());
  }

  size_t held() const override { return frames_.memory(); }

 private:
  absl::Status Tell(absl::string_view frames, ByteQueue& body) {
    if (format_.json == nullptr && !format_.gzip) {
      sent_.Scan(frames).IgnoreError();
      body.Append(frames);
      return absl::OkStatus();
    }
    frames_.Append(frames);
    return format_.json == nullptr ? CompressFrames(body) : MapFrames(body);
  }

  // Messages that are not worth it, among them those that would be too much to keep, pass as they come.
  absl::Status CompressFrames(ByteQueue& body) {
    while (true) {
      const size_t passed = std::min(passing_, frames_.size());
      body.Append(frames_.front().substr(0, passed));
      frames_.Take(passed);
      passing_ -= passed;
      const absl::optional<uint32_t> length = FirstLength(frames_.front());
      if (!length) return absl::OkStatus();
      if (IsWorthGzip(*length)) {
        ASSIGN_OR_RETURN(const bool told, TellFirst(*length, body));
        if (!told) return absl::OkStatus();
      } else {
        passing_ = kFrameHeadSize + *length;
      }
    }
  }

  absl::Status MapFrames(ByteQueue& body) {
    while (true) {
      ASSIGN_OR_RETURN(const bool told, TellFirst(method_->max_request_bytes, body));
      if (!told) return absl::OkStatus();
    }
  }

  // The first of frames_; false while it is not all there.
  absl::StatusOr<bool> TellFirst(uint32_t max_message_bytes, ByteQueue& body) {
    ASSIGN_OR_RETURN(const absl::optional<Frame> frame, FirstFrame(frames_.front(), max_message_bytes));
    if (!frame) return false;
    if (frame->flags != 0) return BrokenAnswer("the backend's answer is compressed");
    std::string message;
    RETURN_IF_ERROR(format_.AppendAnswer(*method_, frame->message, message));
    const absl::optional<std::string> gzip = format_.gzip ? Gzip(message) : absl::nullopt;
    gzip ? AppendFrame(kCompressedFlag, *gzip, body) : AppendFrame(0, message, body);
    frames_.Take(frame->size());
    return true;
  }

  const Method* const method_;
  const ConnectFormat format_;
  FrameScanner sent_{kAnyLength, kAnyFlags};  // of the answer, as it came
  ByteQueue frames_;                          // of the answer, that are to be told otherwise
  size_t passing_ = 0;                        // of those, bytes that are not
  bool head_sent_ = false;
};

}  // namespace

std::unique_ptr<FrontCodec> NewConnectStreamCodec(const Method* method, ConnectFormat format) {
  return std::make_unique<ConnectStreamCodec>(method, format);
}

}  // namespace arasta::gateway
