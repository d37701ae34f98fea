// What this process has done for sampled traces, waiting for the exporter (common/otlp), which switches it
// on: until then spans cost next to nothing. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "common/trace/trace.h"

namespace arasta::trace {

// Who a span is about; the numbers are OTLP's.
enum class Kind { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };

struct Attribute {
  absl::string_view key;  // a literal
  absl::variant<std::string, int64_t> value;
};

// A span that has ended.
struct SpanRecord {
  Context context;
  absl::optional<Context> parent = absl::nullopt;  // none where the trace begins here
  Kind kind = Kind::kInternal;
  std::string name = {};
  absl::Time start = {};
  absl::Time end = {};
  std::vector<Attribute> attributes = {};
  bool failed = false;
};

// More than that waits for no exporter: it is dropped and counted.
inline constexpr size_t kMaxEndedSpans = 8192;

// From now on sampled spans are kept. `ratio`, from 0 to 1, is of the traces that begin here; those that
// others began were sampled by them.
void StartRecording(double ratio);
// Forgets what nobody has taken.
void StopRecording();
bool IsRecording();

// Whether a new trace with this end of its id is to be sampled. True where nothing is recorded: then others
// decide for themselves.
bool IsSampled(uint64_t trace_id_end);

// Never blocks.
void Keep(SpanRecord span);
// All of them, under one lock.
void Keep(std::vector<SpanRecord> spans);

// For the exporter: at most `most` spans that have ended, as soon as there are so many; what there is after
// `wait` or a stop request.
std::vector<SpanRecord> TakeEnded(size_t most, absl::Duration wait, const std::stop_token& stop);
// How many were dropped since the last time.
int64_t TakeDropped();

}  // namespace arasta::trace
