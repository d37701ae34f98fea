// Metrics of one method: calls by code, and how long they took.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"

namespace arasta::rpc {

// Thread-safe.
class Telemetry {
 public:
  explicit Telemetry(const std::string& method);

  void Record(absl::StatusCode code, absl::Duration duration);

 private:
  static constexpr size_t kCodes = 17;

  const std::string method_;
  metrics::Histogram& seconds_;
  // Looked up when first needed: most methods see few codes.
  std::array<std::atomic<metrics::Counter*>, kCodes> calls_{};
};

}  // namespace arasta::rpc
