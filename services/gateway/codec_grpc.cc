// Native gRPC: frames, metadata and trailers pass as they are.
#include <memory>
#include <string>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/grpc_timeout.h"

namespace arasta::gateway {
namespace {

class GrpcCodec final : public FrontCodec {
 public:
  absl::string_view name() const override { return "grpc"; }
  std::string BackendContentType(absl::string_view content_type) const override {
    return std::string(content_type);
  }
  bool from_browser() const override { return false; }
  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override { return GrpcTerms(head); }

  absl::Status Request(absl::string_view body, ByteQueue& frames) override {
    frames.Append(body);
    return absl::OkStatus();
  }
  absl::Status RequestEnd(ByteQueue&) override { return absl::OkStatus(); }

  void Head(const HeaderBlock& metadata, HttpAnswer& answer) override {
    answer.SendHead(200, metadata);
    head_sent_ = true;
  }

  void Messages(absl::string_view frames, HttpAnswer& answer) override {
    answer.body().Append(frames);
    answer.BodyGrew();
  }

  void End(const HeaderBlock& trailers, HttpAnswer& answer) override {
    if (head_sent_) return answer.End(trailers);
    if (trailers.Find("content-type")) return answer.SendHeadOnly(200, trailers);
    HeaderBlock head;
    head.Add("content-type", "application/grpc");
    for (size_t i = 0; i < trailers.size(); ++i) {
      head.Add(trailers[i].name, trailers[i].value, trailers[i].indexing);
    }
    answer.SendHeadOnly(200, head);
  }

 private:
  bool head_sent_ = false;
};

}  // namespace

absl::StatusOr<CallTerms> GrpcTerms(const RequestHead& head) {
  CallTerms terms;
  if (head.grpc_timeout) {
    const absl::optional<absl::Duration> asked = ParseGrpcTimeout(*head.grpc_timeout);
    if (!asked) return InvalidField("grpc-timeout", "is not a timeout of gRPC's form");
    terms.timeout = *asked;
  }
  ASSIGN_OR_RETURN(terms.gzip, IsGzip(head.grpc_encoding.value_or("")));
  return terms;
}

std::unique_ptr<FrontCodec> NewGrpcCodec() {
  return std::make_unique<GrpcCodec>();
}

}  // namespace arasta::gateway
