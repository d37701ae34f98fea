// A trace goes through the database and the event bus: from the change to its effect in another process.
#include "common/trace/span.h"
#include "tests/integration/common/events/event_bus.h"
#include "tests/support/recorded_spans.h"

namespace arasta::events {
namespace {

using ::arasta::testing::AttributeOf;
using ::arasta::testing::IsChildOf;
using ::arasta::testing::IsOk;
using ::arasta::testing::RecordedSpans;
using ::arasta::testing::SpanNamed;
using ::testing::IsEmpty;
using ::testing::Not;

class SpansTest : public ::testing::Test {
 protected:
  absl::Status ChangeUnder(const trace::Context& trace) {
    const Call call = Call::Background("shop", absl::Now() + absl::Seconds(10)).Under(trace);
    return pg::InTransaction(bus_.shop.pool(), call, [&](pqxx::work& tx) -> absl::Status {
      return ChangeAggregate(tx, call, "carts/1");
    });
  }

  EventBus bus_;
  RecordedSpans recorded_;
};

TEST_F(SpansTest, AnEffectIsPartOfTheTraceOfItsCause) {
  trace::Context inside = trace::Context::NewUnsampled();
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer("first", [&](const Call& call, pqxx::work& tx, const v1::Envelope& event) {
    inside = call.trace();
    return RecordEffect(tx, event);
  });
  // What a consumer meets first comes from the outbox, not from the stream.
  bus_.Change("carts/1");
  bus_.Deliver(*relay, *consumer);
  const trace::Context root = trace::Context::NewRoot();
  ASSERT_THAT(ChangeUnder(root), IsOk());
  bus_.Deliver(*relay, *consumer);

  const auto spans = recorded_.Take();
  const trace::SpanRecord& change = SpanNamed(spans, "spans_test.ChangeUnder");
  const trace::SpanRecord& send = SpanNamed(spans, "send google.protobuf.StringValue");
  const trace::SpanRecord& process = SpanNamed(spans, "process google.protobuf.StringValue");
  const trace::SpanRecord& effect = SpanNamed(spans, "inbox.Apply");
  EXPECT_EQ(spans.size(), 4u) << "nothing of the polling around it";
  EXPECT_EQ(change.parent, root);
  EXPECT_EQ(send.parent, root);
  EXPECT_TRUE(IsChildOf(process, send));
  EXPECT_TRUE(IsChildOf(effect, process));
  EXPECT_EQ(inside, process.context);
  EXPECT_EQ(send.kind, trace::Kind::kProducer);
  EXPECT_EQ(process.kind, trace::Kind::kConsumer);
  EXPECT_EQ(AttributeOf(change, "db.system.name"), "postgresql");
  EXPECT_EQ(AttributeOf(send, "messaging.message.id"), AttributeOf(process, "messaging.message.id"));
  EXPECT_EQ(AttributeOf(send, "messaging.destination.name"), StreamKey("shop", PartitionOf("carts/1")));
}

TEST_F(SpansTest, AnEventThatFailsSaysSo) {
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer("first", [](const Call&, pqxx::work&, const v1::Envelope&) {
    return absl::InvalidArgumentError("what it says of ada");
  });
  ASSERT_THAT(ChangeUnder(trace::Context::NewRoot()), IsOk());
  ASSERT_THAT(relay->RunOnce(), IsOk());
  ASSERT_THAT(consumer->RunOnce(), IsOk());
  const auto spans = recorded_.Take();
  const trace::SpanRecord& process = SpanNamed(spans, "process google.protobuf.StringValue");
  EXPECT_TRUE(process.failed);
  EXPECT_EQ(AttributeOf(process, "error.type"), "INVALID_ARGUMENT");
}

TEST_F(SpansTest, WhatNobodySampledLeavesNoTrace) {
  auto relay = bus_.NewRelay();
  auto consumer = bus_.NewConsumer();
  ASSERT_THAT(ChangeUnder(trace::Context::NewUnsampled()), IsOk());
  bus_.Deliver(*relay, *consumer);
  EXPECT_THAT(recorded_.Take(), IsEmpty());
}

TEST_F(SpansTest, ACommandOfRedisIsASpanWithoutItsArguments) {
  const trace::Context root = trace::Context::NewRoot();
  ASSERT_THAT(bus_.redis.Command(absl::Now() + absl::Seconds(5), {"SET", "secret", "value"}, root), IsOk());
  ASSERT_THAT(bus_.redis.Command(absl::Now() + absl::Seconds(5), {"HGET", "secret", "value"}, root),
              Not(IsOk()));
  const auto spans = recorded_.Take();
  const trace::SpanRecord& set = SpanNamed(spans, "SET");
  EXPECT_EQ(set.parent, root);
  EXPECT_EQ(AttributeOf(set, "db.system.name"), "redis");
  EXPECT_FALSE(set.failed);
  EXPECT_TRUE(SpanNamed(spans, "HGET").failed);
  for (const trace::SpanRecord& span : spans) {
    for (const trace::Attribute& attribute : span.attributes)
      EXPECT_EQ(AttributeOf(span, attribute.key).find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace arasta::events
