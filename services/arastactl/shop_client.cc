#include "services/arastactl/shop_client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/trace/trace.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace arasta::ctl {
namespace {

constexpr std::chrono::seconds kCallTimeout(10);

// The shop's own errors carry details; without any it is gRPC that talks, and not to people.
absl::Status ToStatus(const grpc::Status& status, const std::string& address) {
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (status.error_details().empty() && code == absl::StatusCode::kUnavailable) {
    return Error(code, kUnreachable, absl::StrCat("nothing answers at ", address, "; is the shop up?"));
  }
  absl::Status result(code, status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return result;
  for (const auto& detail : details.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status FromBytes(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return absl::InternalError("the answer can't be read");
  std::string text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  if (!message.ParseFromString(text)) return absl::InternalError("the answer is not what the contract says");
  return absl::OkStatus();
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const std::string& tls_ca) {
  if (tls_ca.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls_ca;
  return grpc::SslCredentials(options);
}

void Prepare(grpc::ClientContext& context, const std::string& access_token) {
  context.AddMetadata("traceparent", trace::Context::NewRoot().ToTraceparent());
  if (!access_token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", access_token));
}

// The one operation under way is done; false where it failed.
bool Next(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

}  // namespace

struct ShopClient::Connection {
  Connection(std::string address, const std::string& tls_ca)
      : address(std::move(address)), stub(grpc::CreateChannel(this->address, Credentials(tls_ca))) {}
  const std::string address;
  grpc::GenericStub stub;
};

ShopClient::ShopClient(const std::string& address, const std::string& tls_ca)
    : connection_(std::make_unique<Connection>(address, tls_ca)) {}

ShopClient::~ShopClient() = default;

absl::Status ShopClient::CallUnary(const std::string& method, const google::protobuf::Message& request,
                                   google::protobuf::Message& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  Prepare(context, access_token_);
  grpc::CompletionQueue queue;
  const auto call =
      connection_->stub.PrepareUnaryCall(&context, absl::StrCat("/", method), ToBytes(request), &queue);
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  Next(queue);
  return status.ok() ? FromBytes(answer, response) : ToStatus(status, connection_->address);
}

class ShopClient::GrpcUpload : public ShopClient::Upload {
 public:
  GrpcUpload(Connection& connection, const std::string& method, const std::string& access_token)
      : connection_(connection) {
    Prepare(context_, access_token);
    call_ = connection.stub.PrepareCall(&context_, absl::StrCat("/", method), &queue_);
    call_->StartCall(nullptr);
    open_ = Next(queue_);
  }

  bool Write(const google::protobuf::Message& request) override {
    if (!open_) return false;
    call_->Write(ToBytes(request), nullptr);
    return open_ = Next(queue_);
  }

  absl::Status Finish(google::protobuf::Message& response) override {
    if (open_) {
      call_->WritesDone(nullptr);
      Next(queue_);
    }
    grpc::ByteBuffer answer;
    call_->Read(&answer, nullptr);
    const bool answered = Next(queue_);
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Next(queue_);
    if (!status.ok()) return ToStatus(status, connection_.address);
    return answered ? FromBytes(answer, response) : absl::InternalError("the shop gave no answer");
  }

 private:
  Connection& connection_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool open_ = false;
};

std::unique_ptr<ShopClient::Upload> ShopClient::StartUpload(const std::string& method) {
  return std::make_unique<GrpcUpload>(*connection_, method, access_token_);
}

std::string Describe(const absl::Status& status) {
  if (ReasonOf(status) == kUnreachable) return std::string(status.message());
  std::string text = absl::StrCat(absl::StatusCodeToString(status.code()), ": ", status.message());
  if (const std::string reason = ReasonOf(status); !reason.empty()) absl::StrAppend(&text, " (", reason, ")");
  google::rpc::BadRequest bad_request;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (payload.has_value() && bad_request.ParseFromString(std::string(*payload))) {
    for (const auto& violation : bad_request.field_violations()) {
      absl::StrAppend(&text, "\n  ", violation.field(), ": ", violation.description());
    }
  }
  return text;
}

}  // namespace arasta::ctl
