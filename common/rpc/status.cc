#include "common/rpc/status.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "google/rpc/status.pb.h"

namespace arasta::rpc {
namespace {

bool HidesItsCause(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

// Nothing without a reason leaves the process.
absl::Status AsTold(const absl::Status& status) {
  if (HidesItsCause(status.code())) return Error(absl::StatusCode::kInternal, "INTERNAL", "internal error");
  if (!ReasonOf(status).empty()) return status;
  absl::Status told = Error(status.code(), absl::StatusCodeToString(status.code()), status.message());
  status.ForEachPayload(
      [&told](absl::string_view type_url, const absl::Cord& payload) { told.SetPayload(type_url, payload); });
  return told;
}

grpc::Status WireOf(const absl::Status& status) {
  const auto code = static_cast<grpc::StatusCode>(status.code());
  // HTTP/2 has no field that begins or ends with a space: the whole answer would be refused.
  const std::string message(absl::StripAsciiWhitespace(status.message()));
  google::rpc::Status details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = details.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  // Abseil's order is another each time, on purpose.
  std::sort(details.mutable_details()->begin(), details.mutable_details()->end(),
            [](const auto& a, const auto& b) { return a.type_url() < b.type_url(); });
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  return grpc::Status(code, message, details.SerializeAsString());
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  return status.ok() ? grpc::Status::OK : WireOf(AsTold(status));
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details())
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

absl::Status FromPeer(const grpc::Status& status, const std::string& peer) {
  absl::Status told = FromGrpc(status);
  if (told.ok() || !ReasonOf(told).empty()) return told;
  const ErrorMetadata metadata = {{"service", peer}};
  switch (told.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kUnknown:    // the stream broke
    case absl::StatusCode::kCancelled:  // not by us
      return Error(absl::StatusCode::kUnavailable, "PEER_UNAVAILABLE",
                   absl::StrCat(peer, " can't be reached just now"), metadata);
    case absl::StatusCode::kDeadlineExceeded:
      return Error(told.code(), "DEADLINE_EXCEEDED", absl::StrCat(peer, " did not answer in time"), metadata);
    default:
      return Error(told.code(), "PEER_ERROR", absl::StrCat(peer, " did not take the call"), metadata);
  }
}

}  // namespace arasta::rpc
