// Heads of requests: a line a field, and what becomes of them on the way to a backend.
#include "services/gateway/request_head.h"

#include <string>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "common/trace/trace.h"
#include "services/gateway/call_ids.h"
#include "services/gateway/cors.h"
#include "services/gateway/grpc_timeout.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  using fuzz::Require;
  fuzz::Input input(data, size);
  gateway::HeaderBlock fields;
  while (!input.empty() && fields.size() < 100) {
    const absl::string_view line = input.Line();
    const size_t colon = line.find(": ");
    if (colon != absl::string_view::npos) fields.Add(line.substr(0, colon), line.substr(colon + 2));
  }
  const gateway::RequestHead head = gateway::RequestHead::Of(fields);
  const auto timeout = gateway::ParseGrpcTimeout(head.grpc_timeout.value_or(""));
  if (timeout) {
    const auto again = gateway::ParseGrpcTimeout(gateway::FormatGrpcTimeout(*timeout));
    Require(again && *again <= *timeout, "a timeout that is passed on is no longer than before");
  }
  (void)trace::Context::Parse(head.traceparent);
  const gateway::Cors cors(
      {.origins = {"https://shop.example", "http://localhost:*"}, .exposed_headers = {}});
  gateway::HeaderBlock answer;
  cors.AddAnswerHeaders(head.origin, answer);
  cors.AddPreflightHeaders(head.origin, head.preflight_headers, answer);

  absl::InsecureBitGen random;
  const std::string id = gateway::RequestId(head.request_id, random);
  for (const char c : id) Require(c > ' ' && c < 0x7f, "a request id is fit for a log");
  const gateway::HeaderBlock backend = gateway::ToBackendHead(
      fields, head, {.content_type = "application/grpc", .client_address = "10.0.0.1", .request_id = id});
  int addresses = 0;
  for (size_t i = 0; i < backend.size(); ++i) {
    Require(backend[i].name != "connection" && backend[i].name != "transfer-encoding", "no hop-by-hop field");
    if (backend[i].name == "x-forwarded-for") {
      ++addresses;
      Require(absl::EndsWith(backend[i].value, "10.0.0.1"), "the last hop is ours to say");
    }
  }
  Require(addresses == 1, "one address of the client");
  return 0;
}
