#include "common/otlp/otlp_json.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace arasta::otlp {
namespace {

using Json = nlohmann::json;

const trace::Context kParent =
    *trace::Context::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
const trace::Context kSpan =
    *trace::Context::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01");

Json Written(const std::vector<trace::SpanRecord>& spans) {
  return Json::parse(ToJson({"order", "replica-7"}, spans));
}

// The protocol's own example, as far as we have its fields:
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/examples/trace.json
TEST(OtlpJsonTest, WritesWhatTheProtocolAsksFor) {
  trace::SpanRecord span{.context = kSpan,
                         .parent = kParent,
                         .kind = trace::Kind::kServer,
                         .name = "arasta.order.v1.OrderService/PlaceOrder",
                         .start = absl::FromUnixNanos(1544712660000000000),
                         .end = absl::FromUnixNanos(1544712661000000001)};
  span.attributes = {{"rpc.system", std::string("grpc")}, {"rpc.grpc.status_code", int64_t{14}}};
  span.failed = true;
  EXPECT_EQ(Written({span}), Json::parse(R"({"resourceSpans": [{
    "resource": {"attributes": [
      {"key": "service.namespace", "value": {"stringValue": "arasta"}},
      {"key": "service.name", "value": {"stringValue": "order"}},
      {"key": "service.instance.id", "value": {"stringValue": "replica-7"}}]},
    "scopeSpans": [{"scope": {"name": "arasta"}, "spans": [{
      "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "b7ad6b7169203331",
      "parentSpanId": "00f067aa0ba902b7", "name": "arasta.order.v1.OrderService/PlaceOrder", "kind": 2,
      "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": "1544712661000000001",
      "attributes": [{"key": "rpc.system", "value": {"stringValue": "grpc"}},
                     {"key": "rpc.grpc.status_code", "value": {"intValue": "14"}}],
      "status": {"code": 2}}]}]}]})"));
}

TEST(OtlpJsonTest, LeavesOutWhatThereIsNot) {
  const Json written =
      Written({{.context = kSpan, .name = "root", .start = absl::UnixEpoch(), .end = absl::UnixEpoch()}});
  const Json& span = written["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_FALSE(span.contains("parentSpanId"));
  EXPECT_FALSE(span.contains("status"));
  EXPECT_EQ(span["attributes"], Json::array());
}

TEST(OtlpJsonTest, StaysJsonWhateverTheBytes) {
  const std::string hostile("a\"b\\c\nd\0e\xff\xfe", 11);
  trace::SpanRecord span{.context = kSpan, .name = hostile};
  span.attributes = {{"error.type", hostile}, {"arasta.peer", std::string("Käse")}};
  const Json written = Written({span, span});
  ASSERT_EQ(written["resourceSpans"][0]["scopeSpans"][0]["spans"].size(), 2u);
  const Json& attributes = written["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["attributes"];
  EXPECT_EQ(attributes[1]["value"]["stringValue"], "Käse");
}

}  // namespace
}  // namespace arasta::otlp
