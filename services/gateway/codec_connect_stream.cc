// Connect's streams: messages in envelopes, which are gRPC's frames, both ways; HTTP says 200 whatever
// happens, and the answer's last envelope, flag 2, is JSON: {"error":{…},"metadata":{…}}.
#include <string>

#include "absl/strings/str_cat.h"
#include "services/gateway/connect.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
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
  const auto head = FrameHead(kEndFlag, static_cast<uint32_t>(json.size()));
  return absl::StrCat(absl::string_view(head.data(), head.size()), json);
}

class ConnectStreamCodec final : public FrontCodec {
 public:
  absl::string_view name() const override { return "connect-stream"; }
  std::string BackendContentType(absl::string_view) const override { return "application/grpc+proto"; }
  bool from_browser() const override { return true; }
  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override {
    return ConnectTerms(head, head.connect_encoding);
  }

  absl::Status Request(absl::string_view body, ByteQueue& frames) override {
    frames.Append(body);
    return absl::OkStatus();
  }
  absl::Status RequestEnd(ByteQueue&) override { return absl::OkStatus(); }

  void Head(const HeaderBlock& metadata, HttpAnswer& answer) override {
    HeaderBlock head;
    head.Add("content-type", "application/connect+proto");
    AddMetadata(metadata, "", head);
    answer.SendHead(200, head);
    head_sent_ = true;
  }

  void Messages(absl::string_view frames, HttpAnswer& answer) override {
    answer.body().Append(frames);
    answer.BodyGrew();
  }

  void End(const HeaderBlock& trailers, HttpAnswer& answer) override {
    if (!head_sent_) Head(HeaderBlock(), answer);
    answer.body().Append(EndOfStream(trailers));
    answer.BodyGrew();
    answer.End(HeaderBlock());
  }

 private:
  bool head_sent_ = false;
};

}  // namespace

std::unique_ptr<FrontCodec> NewConnectStreamCodec() {
  return std::make_unique<ConnectStreamCodec>();
}

}  // namespace arasta::gateway
