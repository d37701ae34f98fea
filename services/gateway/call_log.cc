#include "services/gateway/call_log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "services/gateway/call_span.h"

namespace arasta::gateway {
namespace {

constexpr size_t kBatchBytes = 32 * 1024;
constexpr int64_t kFlushNs = 200'000'000;
constexpr size_t kCodes = 17;
constexpr size_t kBatchSpans = 256;

void AppendString(std::string& out, absl::string_view key, absl::string_view value) {
  absl::StrAppend(&out, ",\"", key, "\":");
  log::Value(value).AppendJson(out);
}

bool HasReader(int fd) {
  struct stat file {};
  return fstat(fd, &file) == 0 && (S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode));
}

}  // namespace

// What has been counted since the last hand-over, and where it goes.
struct CallLog::Counts {
  explicit Counts(const std::string& method)
      : labels{{"method", method}},
        seconds(metrics::NewHistogram("arasta_gateway_call_seconds",
                                      "Time from the request's head to the end", labels)),
        increments(metrics::LatencyBuckets().size() + 1) {}

  const metrics::Labels labels;
  metrics::Histogram& seconds;
  std::vector<double> increments;
  double sum = 0;
  std::array<uint64_t, kCodes> by_code{};
  std::array<metrics::Counter*, kCodes> counters{};
  bool changed = false;
};

CallLog::CallLog(Loop& loop, const RouteTable& routes, int lines)
    : loop_(loop),
      fd_(lines),
      has_reader_(HasReader(lines)),
      lost_(metrics::NewCounter("arasta_gateway_log_lines_lost_total",
                                "Lines of the access log that nobody took in time")),
      flush_([this] {
        WriteLines();
        HandOver();
      }) {
  for (const auto& method : routes.methods()) counts_.push_back(std::make_unique<Counts>(method->path));
  counts_.push_back(std::make_unique<Counts>("unknown"));
}

CallLog::~CallLog() {
  WriteLines();
  HandOver();
}

void CallLog::Add(const CallRecord& call) {
  Count(call);
  if (fd_ >= 0) AppendLine(call);
  if (trace::IsRecording()) AddSpan(call);
  if (lines_.size() >= kBatchBytes) WriteLines();
  if (!flush_.pending()) loop_.StartTimer(flush_, kFlushNs);
}

void CallLog::Count(const CallRecord& call) {
  Counts& counts = *counts_[call.method == nullptr ? counts_.size() - 1 : call.method->index];
  counts.changed = true;
  const double seconds = absl::ToDoubleSeconds(call.duration);
  const std::vector<double>& bounds = metrics::LatencyBuckets();
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  counts.increments[static_cast<size_t>(bucket)] += 1;
  counts.sum += seconds;
  ++counts.by_code[static_cast<size_t>(call.code)];
}

void CallLog::AddSpan(const CallRecord& call) {
  absl::optional<trace::SpanRecord> span = SpanOf(call);
  if (!span.has_value()) return;
  spans_.push_back(*std::move(span));
  if (spans_.size() >= kBatchSpans) trace::Keep(std::exchange(spans_, {}));
}

void CallLog::AppendLine(const CallRecord& call) {
  absl::StrAppend(&lines_, "{\"time\":\"", TimeText(),
                  "\",\"level\":\"info\",\"service\":\"gateway\",\"msg\":\"call\"");
  AppendString(lines_, "protocol", call.protocol);
  AppendString(lines_, "path", call.path);
  // Where the path is not the method's own.
  if (call.method != nullptr && call.method->path != call.path)
    AppendString(lines_, "method", call.method->path);
  absl::StrAppend(&lines_, ",\"grpc_status\":", static_cast<int>(call.code),
                  ",\"http_status\":", call.http_status);
  AppendString(lines_, "ended_by", call.ended_by);
  if (call.attempts > 1) absl::StrAppend(&lines_, ",\"attempts\":", call.attempts);
  absl::StrAppend(&lines_, ",\"request_bytes\":", call.request_bytes, ",\"answer_bytes\":", call.answer_bytes,
                  ",\"duration_us\":", absl::ToInt64Microseconds(call.duration),
                  ",\"backend_us\":", absl::ToInt64Microseconds(call.backend_wait));
  AppendString(lines_, "client", call.client_address);
  AppendString(lines_, "request_id", call.request_id);
  AppendString(lines_, "trace_id", call.trace_id);
  lines_.append("}\n");
}

// As common/log writes it. Formatting a date takes longer than all the rest of a line.
absl::string_view CallLog::TimeText() {
  const int64_t micros = absl::ToUnixMicros(absl::Now());
  if (micros / 1'000'000 != time_second_) {
    time_second_ = micros / 1'000'000;
    time_prefix_ =
        absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(time_second_), absl::UTCTimeZone());
  }
  time_ = absl::StrCat(time_prefix_, ".", absl::Dec(micros % 1'000'000, absl::kZeroPad6), "Z");
  return time_;
}

// A log that is gone, or that nobody reads, must not end calls.
void CallLog::WriteLines() {
  absl::string_view rest = lines_;
  while (!rest.empty()) {
    const absl::string_view piece = rest.substr(0, PieceEnd(rest));
    const bool written = write(fd_, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size());
    if (!written) lost_.Increment(static_cast<double>(std::count(piece.begin(), piece.end(), '\n')));
    rest.remove_prefix(piece.size());
  }
  lines_.clear();
}

// What pipes and sockets take as a whole or not at all: the lines of several loops do not mix there.
size_t CallLog::PieceEnd(absl::string_view lines) const {
  if (!has_reader_ || lines.size() <= PIPE_BUF) return lines.size();
  const size_t end = lines.rfind('\n', PIPE_BUF - 1);
  return (end == absl::string_view::npos ? lines.find('\n') : end) + 1;
}

void CallLog::HandOver() {
  if (!spans_.empty()) trace::Keep(std::exchange(spans_, {}));
  for (const auto& counts : counts_) {
    if (!std::exchange(counts->changed, false)) continue;
    counts->seconds.ObserveMultiple(counts->increments, counts->sum);
    std::fill(counts->increments.begin(), counts->increments.end(), 0);
    counts->sum = 0;
    for (size_t code = 0; code < kCodes; ++code) {
      const uint64_t calls = std::exchange(counts->by_code[code], 0);
      if (calls == 0) continue;
      metrics::Counter*& counter = counts->counters[code];
      if (counter == nullptr) {
        metrics::Labels labels = counts->labels;
        labels.emplace("grpc_status", absl::StrCat(code));
        counter =
            &metrics::NewCounter("arasta_gateway_calls_total", "Calls by method and gRPC status", labels);
      }
      counter->Increment(static_cast<double>(calls));
    }
  }
}

}  // namespace arasta::gateway
