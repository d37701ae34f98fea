#include "services/gateway/call_span.h"

#include <string>

#include "absl/time/clock.h"
#include "common/trace/span.h"
#include "services/gateway/call_ids.h"

namespace arasta::gateway {

namespace {

// "shop.v1.Shop/Get"
std::string NameOf(const CallRecord& call) {
  return call.method == nullptr ? "unknown" : call.method->path.substr(1);
}

void AddAttributes(const CallRecord& call, trace::SpanRecord& span) {
  span.attributes = {{"rpc.grpc.status_code", static_cast<int64_t>(call.code)},
                     {"http.response.status_code", int64_t{call.http_status}},
                     {"arasta.protocol", std::string(call.protocol)}};
  if (call.method != nullptr) {
    const size_t slash = span.name.find('/');
    span.attributes.push_back({"rpc.service", span.name.substr(0, slash)});
    span.attributes.push_back({"rpc.method", span.name.substr(slash + 1)});
  }
  if (call.code != absl::StatusCode::kOk)
    span.attributes.push_back({"error.type", absl::StatusCodeToString(call.code)});
  if (call.ended_by != "-") span.attributes.push_back({"arasta.ended_by", std::string(call.ended_by)});
  if (call.attempts > 1) span.attributes.push_back({"arasta.attempts", int64_t{call.attempts}});
}

}  // namespace

absl::optional<trace::SpanRecord> SpanOf(const CallRecord& call) {
  const absl::optional<trace::Context> ours = trace::Context::Parse(call.traceparent);
  const bool is_call = call.method != nullptr || call.code != absl::StatusCode::kOk;
  if (!is_call || !ours.has_value() || !ours->sampled()) return absl::nullopt;
  const absl::Time now = absl::Now();
  trace::SpanRecord span{.context = *ours,
                         .kind = trace::Kind::kServer,
                         .name = NameOf(call),
                         .start = now - call.duration,
                         .end = now,
                         .failed = trace::IsServersFault(call.code)};
  if (Continues(call.traceparent, call.client_traceparent))
    span.parent = trace::Context::Parse(call.client_traceparent);
  AddAttributes(call, span);
  return span;
}

}  // namespace arasta::gateway
