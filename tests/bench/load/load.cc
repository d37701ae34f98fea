// bench_load: sends requests over gRPC, gRPC-Web or JSON, in a closed or an open loop, and prints how it
// went:
//
//   {"seconds":2.0,"sent":…,"ok":…,"failed":{"14":3},"rate":…,"latency_us":{"p50":…,…,"max":…}}
//
// The codes of what failed are grpc-status codes, or those of outcome.h.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tests/bench/load/run.h"

ABSL_FLAG(int, port, 0, "of the server on 127.0.0.1");
ABSL_FLAG(std::string, requests, "", "file of requests, see request.h; sent in turn, over and over");
ABSL_FLAG(bool, once, false, "send each of them once");
ABSL_FLAG(std::string, protocol, "grpc", "grpc, grpc-web (binary) or json");
ABSL_FLAG(int, http, 2, "1 or 2; HTTP/1.1 carries one request a connection at a time");
ABSL_FLAG(bool, tls, false, "with TLS; the server's certificate is not verified");
ABSL_FLAG(std::string, cert, "", "our certificate, PEM");
ABSL_FLAG(std::string, key, "", "its key, PEM");
ABSL_FLAG(std::vector<std::string>, fields, {}, "header fields to add, name:value with commas");
ABSL_FLAG(int, connections, 1, "");
ABSL_FLAG(int, in_flight, 1, "closed loop: so many requests under way over all connections");
ABSL_FLAG(double, rate, 0, "open loop: requests a second; latency counts from when each was due");
ABSL_FLAG(double, seconds, 1, "how long requests are sent");
ABSL_FLAG(double, patience, 5, "how many seconds answers are awaited after that");
ABSL_FLAG(double, within, 0, "seconds after which a success counts as late, code 103; 0 is never");

namespace arasta::bench {
namespace {

absl::optional<Protocol> ProtocolOf(const std::string& name) {
  if (name == "grpc") return Protocol::kGrpc;
  if (name == "grpc-web") return Protocol::kGrpcWeb;
  if (name == "json") return Protocol::kJson;
  return absl::nullopt;
}

std::string Json(const Report& report) {
  const auto microseconds = [&](double percent) {
    return static_cast<double>(report.latency.Percentile(percent)) / 1e3;
  };
  const std::string failed = absl::StrJoin(report.failed, ",", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, "\"", entry.first, "\":", entry.second);
  });
  return absl::StrFormat(
      R"({"seconds":%.6f,"sent":%d,"ok":%d,"failed":{%s},"rate":%.1f,"latency_us":)"
      R"({"mean":%.1f,"p50":%.1f,"p90":%.1f,"p95":%.1f,"p99":%.1f,"p999":%.1f,"max":%.1f}})",
      report.seconds, report.sent, report.ok, failed, static_cast<double>(report.ok) / report.seconds,
      report.latency.mean() / 1e3, microseconds(50), microseconds(90), microseconds(95), microseconds(99),
      microseconds(99.9), static_cast<double>(report.latency.max()) / 1e3);
}

int Fail(const std::string& why) {
  absl::FPrintF(stderr, "bench_load: %s\n", why);
  return EXIT_FAILURE;
}

int Main() {
  const absl::optional<Protocol> protocol = ProtocolOf(absl::GetFlag(FLAGS_protocol));
  if (!protocol.has_value()) return Fail("--protocol is grpc, grpc-web or json");
  const RunOptions options = {
      .port = absl::GetFlag(FLAGS_port),
      .protocol = *protocol,
      .http2 = absl::GetFlag(FLAGS_http) != 1,
      .tls = {absl::GetFlag(FLAGS_tls), absl::GetFlag(FLAGS_cert), absl::GetFlag(FLAGS_key)},
      .connections = absl::GetFlag(FLAGS_connections),
      .in_flight = absl::GetFlag(FLAGS_in_flight),
      .rate = absl::GetFlag(FLAGS_rate),
      .seconds = absl::GetFlag(FLAGS_seconds),
      .patience = absl::GetFlag(FLAGS_patience),
      .within = absl::GetFlag(FLAGS_within),
      .once = absl::GetFlag(FLAGS_once)};
  const auto requests = ReadRequests(absl::GetFlag(FLAGS_requests), *protocol, absl::GetFlag(FLAGS_fields));
  if (!requests.ok()) return Fail(std::string(requests.status().message()));
  Run run(options, *requests);
  const absl::StatusOr<Report> report = run.Go();
  if (!report.ok()) return Fail(std::string(report.status().message()));
  absl::PrintF("%s\n", Json(*report));
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace arasta::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("bench_load --port=PORT --requests=FILE [FLAG…]");
  absl::ParseCommandLine(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  return arasta::bench::Main();
}
