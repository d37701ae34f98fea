// The spans of this process, recorded for as long as the object lives.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "common/trace/recording.h"

namespace arasta::testing {

class RecordedSpans {
 public:
  explicit RecordedSpans(double ratio = 1) { trace::StartRecording(ratio); }
  ~RecordedSpans() { trace::StopRecording(); }
  RecordedSpans(const RecordedSpans&) = delete;
  RecordedSpans& operator=(const RecordedSpans&) = delete;

  // What has ended and was not taken yet.
  std::vector<trace::SpanRecord> Take() {
    return trace::TakeEnded(trace::kMaxEndedSpans, absl::ZeroDuration(), {});
  }
};

// The span of that name; fails the test by throwing where there is none or more than one.
inline const trace::SpanRecord& SpanNamed(const std::vector<trace::SpanRecord>& spans,
                                          const std::string& name) {
  const auto matches = [&](const trace::SpanRecord& span) { return span.name == name; };
  if (std::count_if(spans.begin(), spans.end(), matches) != 1)
    throw std::runtime_error("not one span " + name);
  return *std::find_if(spans.begin(), spans.end(), matches);
}

// Its value as text; "(none)" where there is no such attribute.
inline std::string AttributeOf(const trace::SpanRecord& span, absl::string_view key) {
  for (const trace::Attribute& attribute : span.attributes) {
    if (attribute.key != key) continue;
    const auto* number = absl::get_if<int64_t>(&attribute.value);
    return number != nullptr ? std::to_string(*number) : absl::get<std::string>(attribute.value);
  }
  return "(none)";
}

inline bool IsChildOf(const trace::SpanRecord& child, const trace::SpanRecord& parent) {
  return child.parent == parent.context && child.context.trace_id() == parent.context.trace_id();
}

}  // namespace arasta::testing
