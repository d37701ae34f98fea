#include "common/metrics/metrics.h"

namespace arasta::metrics {

Registry& Default() {
  // Never destroyed: whoever holds a metric may outlive any order of destruction.
  static auto* const registry = new Registry;
  return *registry;
}

const std::vector<double>& LatencyBuckets() {
  static const auto* const buckets = new std::vector<double>{
      0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return *buckets;
}

Counter& NewCounter(const std::string& name, const std::string& help, const Labels& labels,
                    Registry& registry) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

Gauge& NewGauge(const std::string& name, const std::string& help, const Labels& labels, Registry& registry) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

Histogram& NewHistogram(const std::string& name, const std::string& help, const Labels& labels,
                        const std::vector<double>& buckets, Registry& registry) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, buckets);
}

}  // namespace arasta::metrics
