// Names for calls whose clients gave none. Written by hand: this runs once a call.
#pragma once

#include <string>

#include "absl/random/random.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {

// The client's own, where it is fit for logs, or 32 random hex digits.
std::string RequestId(absl::string_view given, absl::InsecureBitGen& random);

// A W3C traceparent that begins a sampled trace.
std::string NewTraceparent(absl::InsecureBitGen& random);

}  // namespace arasta::gateway
