// Takes the spans of this process to an OpenTelemetry collector: OTLP/HTTP, POST <endpoint>/v1/traces, in
// batches and from a thread of its own, so that no call ever waits for it. What a collector that is away or
// too slow can't take is dropped and counted.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/config/config.h"
#include "common/metrics/metrics.h"
#include "common/otlp/otlp_json.h"

namespace arasta::otlp {

struct TraceSettings {
  std::string endpoint = {};  // "http://collector:4318"; empty: no traces
  double ratio = 1;           // of the traces that begin here
  // Between two batches that are not full, and before one that was not taken is offered again.
  absl::Duration interval = absl::Seconds(1);
  absl::Duration patience = absl::Seconds(2);  // with a collector that does not answer
};

// ARASTA_TRACES_ENDPOINT, ARASTA_TRACES_RATIO.
TraceSettings ReadTraceSettings(config::Config& config);

// Spans are recorded from construction to destruction, which hands over what is left if the collector takes
// it at once. One a process; made before its threads.
class TraceExporter {
 public:
  // Null where there is no endpoint. `service` is "order".
  static std::unique_ptr<TraceExporter> Start(const TraceSettings& settings, absl::string_view service);
  ~TraceExporter();

 private:
  enum class Answer { kTaken, kLater, kRefused };
  class Collector;

  TraceExporter(const TraceSettings& settings, absl::string_view service);
  void Run(const std::stop_token& stop);
  // Whether it was taken.
  bool Export(const std::vector<trace::SpanRecord>& spans, const std::stop_token& stop);
  void Pause(const std::stop_token& stop) const;

  const TraceSettings settings_;
  const Resource resource_;
  metrics::Counter& exported_;
  metrics::Counter& queue_full_;
  metrics::Counter& not_taken_;
  std::unique_ptr<Collector> collector_;
  std::jthread thread_;
};

}  // namespace arasta::otlp
