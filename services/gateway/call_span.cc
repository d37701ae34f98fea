#include "services/gateway/call_span.h"

#include <string>

#include "absl/time/clock.h"
#include "common/trace/span.h"
#include "services/gateway/call_ids.h"

namespace arasta::gateway {

absl::optional<trace::SpanRecord> SpanOf(const CallRecord& call) {
  const absl::optional<trace::Context> ours = trace::Context::Parse(call.traceparent);
  if (!ours.has_value() || !ours->sampled() || call.method == nullptr) return absl::nullopt;
  const absl::string_view path = absl::string_view(call.method->path).substr(1);
  const size_t slash = path.find('/');
  const absl::Time now = absl::Now();
  trace::SpanRecord span{.context = *ours,
                         .kind = trace::Kind::kServer,
                         .name = std::string(path),
                         .start = now - call.duration,
                         .end = now,
                         .failed = trace::IsServersFault(call.code)};
  if (Continues(call.traceparent, call.client_traceparent))
    span.parent = trace::Context::Parse(call.client_traceparent);
  span.attributes = {{"rpc.service", std::string(path.substr(0, slash))},
                     {"rpc.method", std::string(path.substr(slash + 1))},
                     {"rpc.grpc.status_code", static_cast<int64_t>(call.code)},
                     {"http.response.status_code", int64_t{call.http_status}},
                     {"arasta.protocol", std::string(call.protocol)}};
  if (call.code != absl::StatusCode::kOk)
    span.attributes.push_back({"error.type", absl::StatusCodeToString(call.code)});
  if (call.attempts > 1) span.attributes.push_back({"arasta.attempts", int64_t{call.attempts}});
  return span;
}

}  // namespace arasta::gateway
