// Prometheus metrics. An object asks for its metrics when it is made and keeps the references: they
// live as long as the registry, and their updates are thread-safe and cheap; looking them up is not.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <vector>

namespace arasta::metrics {

using Registry = prometheus::Registry;
using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using Labels = std::map<std::string, std::string>;

// What the process's admin port shows at /metrics.
Registry& Default();

// Asking again with the same name and labels gives the same metric. Names follow Prometheus:
// "arasta_rpc_calls_total", base units, counters end in _total.
Counter& NewCounter(const std::string& name, const std::string& help, const Labels& labels = {},
                    Registry& registry = Default());
Gauge& NewGauge(const std::string& name, const std::string& help, const Labels& labels = {},
                Registry& registry = Default());

// Buckets for seconds, from 250 µs to 10 s.
const std::vector<double>& LatencyBuckets();

Histogram& NewHistogram(const std::string& name, const std::string& help, const Labels& labels = {},
                        const std::vector<double>& buckets = LatencyBuckets(),
                        Registry& registry = Default());

}  // namespace arasta::metrics
