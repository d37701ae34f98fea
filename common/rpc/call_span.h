// Spans of calls, by OpenTelemetry's conventions for gRPC; both sides name a call by its method.
#pragma once

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "common/call/call.h"
#include "common/rpc/method.h"
#include "common/trace/span.h"
#include "google/protobuf/descriptor.h"

namespace arasta::rpc {

// A call that has come.
trace::Span ServerSpan(const Method& method, const absl::optional<trace::Context>& parent);
void EndServerSpan(trace::Span& span, const Call& call, const absl::Status& status);

// One attempt at a peer's method, which may be null where the contract does not tell it.
trace::Span ClientSpan(const Call& call, const google::protobuf::MethodDescriptor* method,
                       absl::string_view peer);
void EndClientSpan(trace::Span& span, const absl::Status& status);

}  // namespace arasta::rpc
