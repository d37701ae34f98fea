// What others send in their own ways: any POST becomes a message that holds the whole request, and of the
// RPC's answer no more than its status is told, as an HTTP status.
#include <memory>
#include <string>
#include <utility>

#include "arasta/type/v1/http_request.pb.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"

namespace arasta::gateway {
namespace {

type::v1::HttpRequest RequestOf(const RequestHead& head) {
  type::v1::HttpRequest request;
  request.set_method(std::string(head.method));
  request.set_path(std::string(head.path));
  for (size_t i = 0; i < head.fields->size(); ++i) {
    const HeaderBlock::Field field = (*head.fields)[i];
    if (field.name[0] == ':') continue;
    type::v1::HttpField& copy = *request.add_fields();
    copy.set_name(std::string(field.name));
    copy.set_value(std::string(field.value));
  }
  return request;
}

class WebhookCodec final : public FrontCodec {
 public:
  WebhookCodec(const RequestHead& head, uint32_t max_body_bytes)
      : request_(RequestOf(head)), max_body_bytes_(max_body_bytes) {}

  absl::string_view name() const override { return "webhook"; }
  std::string BackendContentType(absl::string_view) const override { return "application/grpc"; }
  bool from_browser() const override { return true; }
  absl::StatusOr<CallTerms> Terms(const RequestHead&) const override { return CallTerms(); }

  absl::Status Request(absl::string_view body, ByteQueue&) override {
    const size_t size = request_.body().size() + body.size();
    too_large_ = size > max_body_bytes_;
    if (too_large_) return MessageTooLarge(size, max_body_bytes_);
    request_.mutable_body()->append(body.data(), body.size());
    return absl::OkStatus();
  }

  absl::Status RequestEnd(ByteQueue& frames) override {
    AppendFrame(0, std::exchange(request_, {}).SerializeAsString(), frames);
    return absl::OkStatus();
  }

  void Head(const HeaderBlock&, HttpAnswer&) override {}
  void Messages(absl::string_view, HttpAnswer&) override {}
  void End(const HeaderBlock& trailers, HttpAnswer& answer) override {
    answer.SendHeadOnly(too_large_ ? 413 : HttpStatusOf(StatusCodeOf(trailers)), HeaderBlock());
  }

  size_t held() const override { return request_.body().capacity(); }

 private:
  type::v1::HttpRequest request_;
  const uint32_t max_body_bytes_;
  bool too_large_ = false;
};

}  // namespace

std::unique_ptr<FrontCodec> NewWebhookCodec(const RequestHead& head, uint32_t max_body_bytes) {
  return std::make_unique<WebhookCodec>(head, max_body_bytes);
}

}  // namespace arasta::gateway
