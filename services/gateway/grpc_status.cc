#include "services/gateway/grpc_status.h"

#include <google/rpc/status.pb.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace arasta::gateway {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";

std::string DetailsOf(const absl::Status& status) {
  google::rpc::Status details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    google::protobuf::Any& any = *details.add_details();
    any.set_type_url(std::string(type_url));
    any.set_value(std::string(payload));
  });
  if (details.details_size() == 0) return {};
  // Abseil's order is another each time, on purpose.
  std::sort(details.mutable_details()->begin(), details.mutable_details()->end(),
            [](const auto& a, const auto& b) { return a.type_url() < b.type_url(); });
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  // Unpadded, as gRPC asks of binary metadata.
  std::string encoded = absl::Base64Escape(details.SerializeAsString());
  while (absl::EndsWith(encoded, "=")) encoded.pop_back();
  return encoded;
}

}  // namespace

std::string PercentEncode(absl::string_view message) {
  std::string encoded;
  encoded.reserve(message.size());
  for (const char c : message) {
    if (c >= ' ' && c <= '~' && c != '%') {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kHex[byte >> 4]);
    encoded.push_back(kHex[byte & 15]);
  }
  return encoded;
}

std::string PercentDecode(absl::string_view message) {
  std::string decoded;
  decoded.reserve(message.size());
  for (size_t i = 0; i < message.size(); ++i) {
    const bool escape = message[i] == '%' && i + 2 < message.size() &&
                        absl::ascii_isxdigit(static_cast<unsigned char>(message[i + 1])) &&
                        absl::ascii_isxdigit(static_cast<unsigned char>(message[i + 2]));
    if (!escape) {
      decoded.push_back(message[i]);
      continue;
    }
    absl::StrAppend(&decoded, absl::HexStringToBytes(message.substr(i + 1, 2)));
    i += 2;
  }
  return decoded;
}

HeaderBlock ToTrailers(const absl::Status& status) {
  HeaderBlock trailers;
  trailers.Add("grpc-status", absl::StrCat(static_cast<int>(status.code())));
  if (!status.message().empty()) {
    trailers.Add("grpc-message", PercentEncode(status.message()), Indexing::kNever);
  }
  if (const std::string details = DetailsOf(status); !details.empty()) {
    trailers.Add("grpc-status-details-bin", details, Indexing::kNever);
  }
  return trailers;
}

absl::StatusCode StatusCodeOf(const HeaderBlock& trailers) {
  const absl::optional<absl::string_view> text = trailers.Find("grpc-status");
  int code = 0;
  if (!text || !absl::SimpleAtoi(*text, &code) || code < 0 || code > 16) return absl::StatusCode::kUnknown;
  return static_cast<absl::StatusCode>(code);
}

google::rpc::Status ErrorOf(const HeaderBlock& trailers) {
  google::rpc::Status error;
  std::string bytes;
  const absl::optional<absl::string_view> details = trailers.Find("grpc-status-details-bin");
  if (details && absl::Base64Unescape(*details, &bytes) && !error.ParseFromString(bytes)) error.Clear();
  error.set_code(static_cast<int>(StatusCodeOf(trailers)));
  error.set_message(PercentDecode(trailers.Find("grpc-message").value_or("")));
  return error;
}

int HttpStatusOf(absl::StatusCode code) {
  constexpr std::array<int, 17> kStatuses = {200, 499, 500, 400, 504, 404, 409, 403, 429,
                                             400, 409, 400, 501, 500, 503, 500, 401};
  const auto index = static_cast<size_t>(code);
  return index < kStatuses.size() ? kStatuses[index] : 500;
}

absl::StatusCode CodeFromHttpStatus(int http_status) {
  switch (http_status) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnknown;
  }
}

absl::StatusCode CodeFromReset(uint32_t http2_error) {
  switch (http2_error) {
    case NGHTTP2_REFUSED_STREAM:
      return absl::StatusCode::kUnavailable;
    case NGHTTP2_CANCEL:
      return absl::StatusCode::kCancelled;
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace arasta::gateway
