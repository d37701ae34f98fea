#include "services/gateway/health_watch.h"

#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/request_head.h"

namespace arasta::gateway {
namespace {

using grpc::health::v1::HealthCheckResponse;

// A message is two bytes; who sends more says something else.
constexpr size_t kMostReceived = 1024;

// The first message of `bytes`, which is taken from them; nullopt while it is not complete.
absl::optional<std::string> TakeMessage(std::string& bytes) {
  if (bytes.size() < kFrameHeadSize) return absl::nullopt;
  uint32_t length = 0;
  for (size_t i = 1; i < kFrameHeadSize; ++i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  if (bytes.size() - kFrameHeadSize < length) return absl::nullopt;
  std::string message = bytes.substr(kFrameHeadSize, length);
  bytes.erase(0, kFrameHeadSize + length);
  return message;
}

}  // namespace

HealthWatch::HealthWatch(std::function<void()> on_word, std::function<void()> on_end)
    : on_word_(std::move(on_word)), on_end_(std::move(on_end)) {
  // For the process as a whole: a request without a service's name.
  AppendFrame(0, "", request_);
  request_complete_ = true;
}

HeaderBlock HealthWatch::Head(absl::string_view authority) {
  return OwnCallHead("/grpc.health.v1.Health/Watch", authority);
}

void HealthWatch::OnData(absl::string_view bytes) {
  CreditResponse(bytes.size());
  received_.append(bytes.data(), bytes.size());
  while (const absl::optional<std::string> message = TakeMessage(received_)) {
    HealthCheckResponse response;
    serving_ = !response.ParseFromString(*message) || response.status() == HealthCheckResponse::SERVING;
    on_word_();
  }
  if (received_.size() > kMostReceived) Cancel();
}

void HealthWatch::OnTrailers(HeaderBlock& trailers) {
  End(StatusCodeOf(trailers));
}

void HealthWatch::OnBroken(const absl::Status& status, Again) {
  End(status.code());
}

void HealthWatch::End(absl::StatusCode code) {
  if (code != absl::StatusCode::kUnimplemented) on_end_();
}

}  // namespace arasta::gateway
