// What is told of every call, killed ones too: one access-log line, one update of the metrics and, where it
// is traced, one span. One per worker: lines are written out in batches, counts and spans are handed over
// with them, so a call costs no lock and no system call.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "common/trace/recording.h"
#include "services/gateway/loop.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {

struct CallRecord {
  absl::string_view protocol;
  absl::string_view path;
  const Method* method = nullptr;  // null where the path is none of ours
  absl::StatusCode code = absl::StatusCode::kOk;
  int http_status = 0;
  // Who ended it: "-" for the backend, "local" for the gateway, "client" for a client that went away.
  absl::string_view ended_by = "-";
  int attempts = 0;  // at a backend
  uint64_t request_bytes = 0;
  uint64_t answer_bytes = 0;
  absl::Duration duration;
  // From sending the call to the first word of the backend; zero where there was none.
  absl::Duration backend_wait;
  absl::string_view client_address;
  absl::string_view request_id;
  // The id, the whole context, and what the client said, right or wrong.
  absl::string_view trace_id;
  absl::string_view traceparent;
  absl::string_view client_traceparent;
};

class CallLog {
 public:
  // `lines` is a file descriptor, or -1 for no access log.
  CallLog(Loop& loop, const RouteTable& routes, int lines);
  ~CallLog();

  void Add(const CallRecord& call);

 private:
  struct Counts;

  void AppendLine(const CallRecord& call);
  void Count(const CallRecord& call);
  void AddSpan(const CallRecord& call);
  absl::string_view TimeText();
  void WriteLines();
  size_t PieceEnd(absl::string_view lines) const;
  void HandOver();

  Loop& loop_;
  const int fd_;
  const bool has_reader_;
  metrics::Counter& lost_;
  std::string lines_;
  // The time of the present second as text, made once a second.
  int64_t time_second_ = 0;
  std::string time_prefix_;
  std::string time_;
  std::vector<trace::SpanRecord> spans_;
  Timer flush_;
  // By method, the last for paths that are none of ours.
  std::vector<std::unique_ptr<Counts>> counts_;
};

}  // namespace arasta::gateway
