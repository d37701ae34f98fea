// gRPC statuses as they travel: codes, the percent-coded message, and what an answer means that carries
// no status at all.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/header_block.h"

namespace google::rpc {
class Status;
}

namespace arasta::gateway {

// `grpc-message`: UTF-8 with everything but printable ASCII, and '%', as %XX.
std::string PercentEncode(absl::string_view message);
// Never fails: what is not a proper escape stands for itself.
std::string PercentDecode(absl::string_view message);

// The trailers of a call that ends here: grpc-status, grpc-message and, where the status has payloads,
// grpc-status-details-bin.
HeaderBlock ToTrailers(const absl::Status& status);

// The number in `grpc-status`; UNKNOWN for anything but 0 to 16, and for none.
absl::StatusCode StatusCodeOf(const HeaderBlock& trailers);
// All that trailers say: the code, the message as text, and the details, of which there are none where they
// are garbage.
google::rpc::Status ErrorOf(const HeaderBlock& trailers);

// As google.rpc.Code and Connect have it.
int HttpStatusOf(absl::StatusCode code);

// For an HTTP answer without grpc-status.
absl::StatusCode CodeFromHttpStatus(int http_status);
// For a stream that was reset before its trailers.
absl::StatusCode CodeFromReset(uint32_t http2_error);

}  // namespace arasta::gateway
