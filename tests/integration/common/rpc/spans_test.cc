// What a trace is told of a call: a span on either side, one hanging on the other.
#include "common/trace/span.h"
#include "tests/integration/common/rpc/echo_fixture.h"
#include "tests/support/recorded_spans.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::AttributeOf;
using ::arasta::testing::Eventually;
using ::arasta::testing::IsChildOf;
using ::arasta::testing::IsOk;
using ::arasta::testing::RecordedSpans;
using ::testing::IsEmpty;

constexpr char kMethod[] = "arasta.testing.v1.EchoService/Probe";

class SpansTest : public EchoTest {
 protected:
  // Waits for `count` more: a server's span ends after its answer has gone.
  std::vector<trace::SpanRecord> Await(size_t count) {
    std::vector<trace::SpanRecord> spans;
    EXPECT_TRUE(Eventually([&] {
      for (trace::SpanRecord& span : recorded_.Take()) spans.push_back(std::move(span));
      return spans.size() >= count;
    }));
    return spans;
  }
  static const trace::SpanRecord& Of(const std::vector<trace::SpanRecord>& spans, trace::Kind kind) {
    return *std::find_if(spans.begin(), spans.end(), [&](const auto& span) { return span.kind == kind; });
  }
  static Call CallUnder(const trace::Context& trace) { return Caller().Under(trace); }

  RecordedSpans recorded_;
};

TEST_F(SpansTest, BothSidesTellOfACall) {
  Start();
  trace::Context inside = trace::Context::NewUnsampled();
  handlers().probe = [&](const Call& call) {
    inside = call.trace();
    return ProbeResponse();
  };
  const trace::Context root = trace::Context::NewRoot();
  EXPECT_THAT(Invoke(CallUnder(root), *stub_, &EchoService::Stub::Probe, ProbeRequest()), IsOk());
  const auto spans = Await(2);
  ASSERT_EQ(spans.size(), 2u);
  const trace::SpanRecord& client = Of(spans, trace::Kind::kClient);
  const trace::SpanRecord& server = Of(spans, trace::Kind::kServer);
  EXPECT_EQ(client.parent, root);
  EXPECT_TRUE(IsChildOf(server, client));
  EXPECT_EQ(server.context, inside);
  EXPECT_EQ(client.name, kMethod);
  EXPECT_EQ(server.name, kMethod);
  EXPECT_EQ(AttributeOf(server, "rpc.service"), "arasta.testing.v1.EchoService");
  EXPECT_EQ(AttributeOf(server, "rpc.method"), "Probe");
  EXPECT_EQ(AttributeOf(server, "rpc.grpc.status_code"), "0");
  EXPECT_EQ(AttributeOf(server, "arasta.peer"), "gateway");
  EXPECT_EQ(AttributeOf(client, "peer.service"), "echo");
  EXPECT_EQ(AttributeOf(client, "error.type"), "(none)");
}

TEST_F(SpansTest, BlameTheServerOnlyForItsOwnFaults) {
  Start();
  struct Case {
    absl::StatusCode code;
    bool servers_fault;
  };
  for (const Case& is : {Case{absl::StatusCode::kNotFound, false},
                         {absl::StatusCode::kInvalidArgument, false},
                         {absl::StatusCode::kInternal, true},
                         {absl::StatusCode::kUnavailable, true}}) {
    handlers().probe = [&](const Call&) { return Error(is.code, "SUCH_A_THING", "ada@mail.example"); };
    EXPECT_FALSE(
        Invoke(CallUnder(trace::Context::NewRoot()), *stub_, &EchoService::Stub::Probe, ProbeRequest()).ok());
    const auto spans = Await(2);
    EXPECT_EQ(Of(spans, trace::Kind::kServer).failed, is.servers_fault) << is.code;
    EXPECT_TRUE(Of(spans, trace::Kind::kClient).failed) << is.code;
    for (const trace::SpanRecord& span : spans) {
      for (const trace::Attribute& attribute : span.attributes)
        EXPECT_EQ(AttributeOf(span, attribute.key).find("ada@"), std::string::npos) << attribute.key;
    }
  }
}

TEST_F(SpansTest, ACallWithoutATraceBeginsOne) {
  Start();
  grpc::ClientContext context;
  ProbeResponse response;
  ASSERT_TRUE(stub().Probe(&context, ProbeRequest(), &response).ok());
  const auto spans = Await(1);
  EXPECT_EQ(Of(spans, trace::Kind::kServer).parent, absl::nullopt);
}

TEST_F(SpansTest, NothingIsToldOfWhatTheCallerDidNotSample) {
  Start();
  std::string seen;
  handlers().probe = [&](const Call& call) {
    seen = call.trace().ToTraceparent();
    return ProbeResponse();
  };
  const trace::Context root = trace::Context::NewUnsampled();
  EXPECT_THAT(Invoke(CallUnder(root), *stub_, &EchoService::Stub::Probe, ProbeRequest()), IsOk());
  EXPECT_EQ(seen, root.ToTraceparent()) << "it is passed on all the same";
  echo_.reset();
  EXPECT_THAT(recorded_.Take(), IsEmpty());
}

TEST_F(SpansTest, EachAttemptIsASpan) {
  Start();
  std::atomic<int> calls{0};
  handlers().probe = [&](const Call&) -> absl::StatusOr<ProbeResponse> {
    if (++calls == 1) return absl::UnavailableError("not just now");
    return ProbeResponse();
  };
  for (int i = 0; i < 20; ++i) channel_->budget().Earn();
  ASSERT_THAT(Invoke(CallUnder(trace::Context::NewRoot()), *stub_, &EchoService::Stub::Probe, ProbeRequest()),
              IsOk());
  const auto spans = Await(4);
  EXPECT_EQ(std::count_if(spans.begin(), spans.end(),
                          [](const auto& span) { return span.kind == trace::Kind::kClient && span.failed; }),
            1);
  EXPECT_EQ(spans.size(), 4u);
}

}  // namespace
}  // namespace arasta::rpc
