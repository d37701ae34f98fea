// Spans as the body of an OTLP/HTTP request in its JSON encoding:
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
#pragma once

#include <string>
#include <vector>

#include "common/trace/recording.h"

namespace arasta::otlp {

// Which process speaks.
struct Resource {
  std::string service;   // "order"
  std::string instance;  // of several replicas, this one
};

// An ExportTraceServiceRequest.
std::string ToJson(const Resource& resource, const std::vector<trace::SpanRecord>& spans);

}  // namespace arasta::otlp
