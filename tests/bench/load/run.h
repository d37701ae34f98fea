// One run of the load generator: a set of connections, a pacer, one thread on epoll.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/load/connection.h"
#include "tests/bench/load/histogram.h"
#include "tests/bench/load/pacer.h"
#include "tests/bench/load/request.h"

namespace arasta::bench {

struct RunOptions {
  int port = 0;
  Protocol protocol = Protocol::kGrpc;
  bool http2 = true;
  TlsSettings tls = {};
  int connections = 1;
  int in_flight = 1;  // Closed loop …
  double rate = 0;    // … unless requests per second are given: open loop.
  double seconds = 1;
  double patience = 5;  // How long answers are awaited after the last request.
  double within = 0;    // Seconds from the intended start after which a success is none; 0: never.
  bool once = false;    // Ends when every request of the file was sent once.
};

struct Report {
  double seconds = 0;  // From the first request to the last answer.
  int64_t sent = 0;
  int64_t ok = 0;
  std::map<int, int64_t> failed;  // By code, see outcome.h.
  Histogram latency;              // Of the successful, from the intended start.
};

class Run {
 public:
  // `requests` outlives the run.
  Run(const RunOptions& options, const std::vector<Request>& requests);
  ~Run();

  // UNAVAILABLE where a connection could not be made.
  absl::StatusOr<Report> Go();

 private:
  absl::Status Connect(size_t index);
  void Ended(Nanos intended, int code);
  // Sends all that is due and fits.
  void Pump();
  bool EverythingSent() const;
  Connection* Emptiest() const;
  int UnderWay() const;
  absl::Status Serve(size_t index, uint32_t events);
  absl::Status FlushAll();
  void Wait(Nanos until, std::vector<std::pair<size_t, uint32_t>>& ready) const;
  void WatchWritable(size_t index) const;

  const RunOptions options_;
  const std::vector<Request>& requests_;
  TlsContext tls_;
  const int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Pacer pacer_;
  size_t next_request_ = 0;
  Report report_;
};

}  // namespace arasta::bench
