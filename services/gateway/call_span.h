// What a trace is told of a call through the gateway: one span, whatever protocol it came by.
#pragma once

#include "absl/types/optional.h"
#include "common/trace/recording.h"
#include "services/gateway/call_log.h"

namespace arasta::gateway {

// Of a call that has just ended, whoever ended it; none where its trace is not sampled, or it was no call but
// one of the gateway's own pages. Neither the client's address nor the path are told, as both may say who
// somebody is.
absl::optional<trace::SpanRecord> SpanOf(const CallRecord& call);

}  // namespace arasta::gateway
