#include "services/gateway/open_gauges.h"

namespace arasta::gateway {
namespace {

void Change(metrics::Gauge& gauge, size_t before, size_t now) {
  if (now != before) gauge.Increment(static_cast<double>(now) - static_cast<double>(before));
}

}  // namespace

OpenGauges::OpenGauges()
    : connections_(metrics::NewGauge("arasta_gateway_connections", "Connections of clients that are open")),
      calls_(metrics::NewGauge("arasta_gateway_calls_open", "Calls that have begun and not ended")),
      backend_calls_(metrics::NewGauge("arasta_gateway_backend_calls_open",
                                       "Calls under way at backends, watches of their health included")),
      buffered_bytes_(
          metrics::NewGauge("arasta_gateway_buffered_bytes", "What is held of requests and answers")) {}

void OpenGauges::Tell(const OpenNow& now) {
  Change(connections_, told_.connections, now.connections);
  Change(calls_, told_.calls, now.calls);
  Change(backend_calls_, told_.backend_calls, now.backend_calls);
  Change(buffered_bytes_, told_.buffered_bytes, now.buffered_bytes);
  told_ = now;
}

}  // namespace arasta::gateway
