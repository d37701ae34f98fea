// W3C trace context: the ids that tie a call, its calls to peers and its events together.
//   traceparent = "00-" 32 hex trace id "-" 16 hex span id "-" 2 hex flags
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::trace {

// The name of one span: a value.
class Context {
 public:
  // Lenient as the standard asks: later versions are read as version 00; nullopt where an id is
  // malformed or all zeros.
  static absl::optional<Context> Parse(absl::string_view traceparent);

  // The first span of a new, sampled trace.
  static Context NewRoot();
  // Of one that nobody records: its ids are for logs.
  static Context NewUnsampled();

  // A new span of the same trace, with the same flags.
  Context Child() const;

  std::string ToTraceparent() const;
  std::string trace_id() const;
  std::string span_id() const;
  bool sampled() const { return (flags_ & 1) != 0; }
  // The end of the trace id, which is what sampling goes by: every process decides alike.
  uint64_t trace_id_end() const;

  friend bool operator==(const Context&, const Context&) = default;

 private:
  Context() = default;

  std::array<uint8_t, 16> trace_id_{};
  std::array<uint8_t, 8> span_id_{};
  uint8_t flags_ = 0;
};

}  // namespace arasta::trace
