// What a process says of itself whenever it is asked: CPU, memory, descriptors, its start, and until when
// its certificates are good.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace arasta::admin {

// The names that Prometheus' own client libraries use, such as process_cpu_seconds_total.
std::vector<prometheus::MetricFamily> ProcessMetrics();

// arasta_certificate_expiry_timestamp_seconds by `file`: the end of the first certificate in each, read anew
// every time, and 0 where there is none to read.
prometheus::MetricFamily CertificateMetrics(const std::vector<std::string>& files);

}  // namespace arasta::admin
