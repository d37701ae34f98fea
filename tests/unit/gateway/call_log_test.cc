#include "services/gateway/call_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "common/metrics/metrics.h"
#include "services/gateway/call_ids.h"
#include "services/gateway/call_span.h"
#include "tests/support/recorded_spans.h"

namespace arasta::gateway {
namespace {

using ::arasta::testing::AttributeOf;
using ::arasta::testing::RecordedSpans;
using ::arasta::testing::SpanNamed;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using Json = nlohmann::json;

// The line that is written of a call.
Json LineOf(const CallRecord& record) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  {
    Loop loop;
    CallLog(loop, RouteTable(), ends[1]).Add(record);
  }
  std::array<char, 4096> text{};
  const ssize_t size = read(ends[0], text.data(), text.size());
  close(ends[0]);
  close(ends[1]);
  return Json::parse(std::string(text.data(), static_cast<size_t>(std::max<ssize_t>(size, 0))));
}

CallRecord Ordinary() {
  CallRecord record;
  record.protocol = "grpc-web";
  record.path = "/shop.v1.Shop/Get";
  record.http_status = 200;
  record.attempts = 1;
  record.request_bytes = 10;
  record.answer_bytes = 20;
  record.duration = absl::Microseconds(1500);
  record.backend_wait = absl::Microseconds(900);
  record.client_address = "192.0.2.7";
  record.request_id = "r1";
  record.trace_id = "0af7651916cd43dd8448eb211c80319c";
  return record;
}

TEST(CallLogTest, TellsAllThatIsKnownOfACall) {
  Json line = LineOf(Ordinary());
  EXPECT_THAT(line["time"].get<std::string>(), MatchesRegex("....-..-..T..:..:..[.]......Z"));
  line.erase("time");
  EXPECT_EQ(line,
            Json::parse(R"({"level": "info", "service": "gateway", "msg": "call", "protocol": "grpc-web",
      "path": "/shop.v1.Shop/Get", "grpc_status": 0, "http_status": 200, "ended_by": "-",
      "request_bytes": 10, "answer_bytes": 20, "duration_us": 1500, "backend_us": 900,
      "client": "192.0.2.7", "request_id": "r1", "trace_id": "0af7651916cd43dd8448eb211c80319c"})"));
}

TEST(CallLogTest, NamesTheMethodWhereThePathDoesNot) {
  Method method;
  method.path = "/shop.v1.Shop/Get";
  CallRecord record = Ordinary();
  record.method = &method;
  EXPECT_FALSE(LineOf(record).contains("method"));
  record.path = "/v1/things/7";
  record.attempts = 3;
  const Json line = LineOf(record);
  EXPECT_EQ(line["method"], "/shop.v1.Shop/Get");
  EXPECT_EQ(line["attempts"], 3);
}

TEST(CallLogTest, CountsCallsThatWereKilledToo) {
  const auto count = [] {
    double calls = 0;
    for (const auto& family : metrics::Default().Collect()) {
      if (family.name != "arasta_gateway_calls_total") continue;
      for (const auto& metric : family.metric) {
        for (const auto& label : metric.label)
          if (label.name == "grpc_status" && label.value == "1") calls += metric.counter.value;
      }
    }
    return calls;
  };
  const double before = count();
  CallRecord record = Ordinary();
  record.code = absl::StatusCode::kCancelled;
  record.ended_by = "client";
  EXPECT_EQ(LineOf(record)["ended_by"], "client");
  EXPECT_EQ(count(), before + 1);
}

constexpr char kTheirs[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kOurs[] = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

CallRecord Traced(const Method& method) {
  CallRecord record = Ordinary();
  record.method = &method;
  record.traceparent = kOurs;
  record.client_traceparent = kTheirs;
  return record;
}

TEST(CallSpanTest, TellsATraceOfACall) {
  Method method;
  method.path = "/shop.v1.Shop/Get";
  CallRecord record = Traced(method);
  record.path = "/v1/customers/ada@mail.example";
  record.code = absl::StatusCode::kUnavailable;
  record.attempts = 3;
  RecordedSpans recorded;
  LineOf(record);
  const auto spans = recorded.Take();
  ASSERT_EQ(spans.size(), 1u);
  const trace::SpanRecord& span = SpanNamed(spans, "shop.v1.Shop/Get");
  EXPECT_EQ(span.context.ToTraceparent(), kOurs);
  EXPECT_EQ(span.parent->ToTraceparent(), kTheirs);
  EXPECT_EQ(span.kind, trace::Kind::kServer);
  EXPECT_EQ(span.end - span.start, record.duration);
  EXPECT_TRUE(span.failed);
  EXPECT_EQ(AttributeOf(span, "rpc.grpc.status_code"), "14");
  EXPECT_EQ(AttributeOf(span, "arasta.protocol"), "grpc-web");
  EXPECT_EQ(AttributeOf(span, "arasta.attempts"), "3");
  EXPECT_EQ(AttributeOf(span, "arasta.ended_by"), "(none)");
  for (const trace::Attribute& attribute : span.attributes)
    EXPECT_THAT(AttributeOf(span, attribute.key), Not(HasSubstr("ada"))) << attribute.key;
}

TEST(CallSpanTest, HasNoParentWhereTheClientNamedNone) {
  Method method;
  method.path = "/shop.v1.Shop/Get";
  CallRecord record = Traced(method);
  record.client_traceparent = "";
  EXPECT_EQ(SpanOf(record)->parent, absl::nullopt);
}

TEST(CallSpanTest, TellsOfWhatIsRefusedBeforeItsMethodIsKnown) {
  CallRecord record = Ordinary();
  record.traceparent = kOurs;
  record.path = "/v1/customers/ada@mail.example";
  record.code = absl::StatusCode::kNotFound;
  record.http_status = 404;
  record.ended_by = "local";
  const absl::optional<trace::SpanRecord> span = SpanOf(record);
  ASSERT_TRUE(span.has_value());
  EXPECT_EQ(span->name, "unknown");
  EXPECT_FALSE(span->failed) << "the client's fault";
  EXPECT_EQ(AttributeOf(*span, "http.response.status_code"), "404");
  EXPECT_EQ(AttributeOf(*span, "arasta.ended_by"), "local");
  EXPECT_EQ(AttributeOf(*span, "rpc.method"), "(none)");
}

TEST(CallSpanTest, TellsNothingOfWhatIsNotSampledOrNoCall) {
  Method method;
  method.path = "/shop.v1.Shop/Get";
  CallRecord unsampled = Traced(method), page = Traced(method);
  unsampled.traceparent = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00";
  page.method = nullptr;
  EXPECT_FALSE(SpanOf(unsampled).has_value());
  EXPECT_FALSE(SpanOf(page).has_value());
}

// As main's log::NeverWait makes stderr.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(ends_.data(), O_NONBLOCK), 0); }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }

  int writer() const { return ends_[1]; }
  std::string Read() {
    std::string text(1 << 20, 0);
    const ssize_t size = read(ends_[0], text.data(), text.size());
    text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
    return text;
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(CallLogTest, LosesWholeLinesWhereNobodyReadsThem) {
  const auto& lost = metrics::NewCounter("arasta_gateway_log_lines_lost_total", "");
  const double before = lost.Value();
  constexpr size_t kCalls = 2000;
  Pipe pipe;
  {
    Loop loop;
    CallLog log(loop, RouteTable(), pipe.writer());
    for (size_t i = 0; i < kCalls; ++i) log.Add(Ordinary());
  }
  const std::string text = pipe.Read();
  size_t read = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(Json::accept(std::string(line))) << line;
    ++read;
  }
  EXPECT_GT(read, 100u);
  EXPECT_EQ(static_cast<double>(read) + lost.Value() - before, kCalls);
}

TEST(TraceparentTest, SamplesNewTracesByTheRatioAndNoOthers) {
  const RecordedSpans none(0);
  absl::InsecureBitGen random;
  EXPECT_THAT(Traceparent("", random), MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
  EXPECT_THAT(Traceparent(kTheirs, random), MatchesRegex("00-.*-01"));
}

TEST(TraceparentTest, GoesOnWithAValidTraceAndWithNoOther) {
  absl::InsecureBitGen random;
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const std::string sampled = "00-" + trace + "-b7ad6b7169203331-01";
  const std::string unsampled = "00-" + trace + "-b7ad6b7169203331-00";
  const std::string later = "cc-" + trace + "-b7ad6b7169203331-01-what-the-future-holds";
  EXPECT_THAT(Traceparent(sampled, random), MatchesRegex("00-" + trace + "-[0-9a-f]{16}-01"));
  EXPECT_THAT(Traceparent(sampled, random), Not(HasSubstr("b7ad6b7169203331"))) << "a span of our own";
  EXPECT_THAT(Traceparent(unsampled, random), MatchesRegex("00-" + trace + "-[0-9a-f]{16}-00"));
  EXPECT_THAT(Traceparent(later, random), MatchesRegex("00-" + trace + "-[0-9a-f]{16}-01"));
  EXPECT_TRUE(Continues(Traceparent(sampled, random), sampled));
  const std::vector<std::string> invalid_ones = {"",
                                                 "nonsense",
                                                 std::string(55, '0'),
                                                 sampled + "0",
                                                 "ff" + sampled.substr(2),
                                                 "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                                 "00-" + trace + "-0000000000000000-01",
                                                 "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"};
  for (const std::string& invalid : invalid_ones) {
    const std::string fresh = Traceparent(invalid, random);
    EXPECT_THAT(fresh, MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01")) << invalid;
    EXPECT_THAT(fresh, Not(HasSubstr(trace)));
    EXPECT_FALSE(Continues(fresh, invalid)) << invalid;
  }
}

}  // namespace
}  // namespace arasta::gateway
