// What the workers have open at the moment, for Prometheus.
#pragma once

#include <cstddef>

#include "common/metrics/metrics.h"

namespace arasta::gateway {

struct OpenNow {
  size_t connections = 0;    // of clients
  size_t calls = 0;          // of clients
  size_t backend_calls = 0;  // sent to backends, the watches of their health among them
  size_t buffered_bytes = 0;
};

// One worker's part of the gauges, which are the sum of all; nothing when it ends. For one thread.
class OpenGauges {
 public:
  OpenGauges();
  ~OpenGauges() { Tell({}); }
  OpenGauges(const OpenGauges&) = delete;
  OpenGauges& operator=(const OpenGauges&) = delete;

  void Tell(const OpenNow& now);

 private:
  metrics::Gauge& connections_;
  metrics::Gauge& calls_;
  metrics::Gauge& backend_calls_;
  metrics::Gauge& buffered_bytes_;
  OpenNow told_;
};

}  // namespace arasta::gateway
