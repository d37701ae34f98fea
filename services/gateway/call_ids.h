// Names for calls whose clients gave none. Written by hand: this runs once a call.
#pragma once

#include <string>

#include "absl/random/random.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {

// The client's own, where it is fit for logs, or 32 random hex digits.
std::string RequestId(absl::string_view given, absl::InsecureBitGen& random);

// Of a W3C traceparent; empty for what is too short to be one.
absl::string_view TraceIdOf(absl::string_view traceparent);

// A W3C traceparent for the backend, with a span of our own: of the trace that `given` names, or, where that
// is no traceparent, of a new one, sampled as trace::IsSampled says.
std::string Traceparent(absl::string_view given, absl::InsecureBitGen& random);
// Whether it goes on with the trace of `given`.
bool Continues(absl::string_view traceparent, absl::string_view given);

}  // namespace arasta::gateway
