#include "common/rpc/telemetry.h"

#include <algorithm>

namespace arasta::rpc {

Telemetry::Telemetry(const std::string& method)
    : method_(method),
      seconds_(metrics::NewHistogram("arasta_rpc_seconds", "Time from taking a call to answering it",
                                     {{"method", method}})) {}

void Telemetry::Record(absl::StatusCode code, absl::Duration duration) {
  const size_t index = std::min(static_cast<size_t>(code), kCodes - 1);
  metrics::Counter* counter = calls_[index].load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may both look it up: they get the same counter.
    counter = &metrics::NewCounter("arasta_rpc_calls_total", "Calls by method and code",
                                   {{"method", method_}, {"code", absl::StatusCodeToString(code)}});
    calls_[index].store(counter, std::memory_order_release);
  }
  counter->Increment();
  seconds_.Observe(absl::ToDoubleSeconds(duration));
}

}  // namespace arasta::rpc
