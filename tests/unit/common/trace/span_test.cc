#include "common/trace/span.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <new>
#include <thread>

#include "common/base/errors.h"
#include "tests/support/recorded_spans.h"

// What this thread has asked of the heap.
static thread_local int allocations = 0;

// Not inlined: GCC would see malloc and delete, or new and free, and call them a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace arasta::trace {
namespace {

using ::arasta::testing::AttributeOf;
using ::arasta::testing::IsChildOf;
using ::arasta::testing::RecordedSpans;
using ::arasta::testing::SpanNamed;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Context kSampled = *Context::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
const Context kUnsampled = *Context::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");

TEST(SpanTest, TellsWhatWasDoneForWhomAndHowLong) {
  RecordedSpans recorded;
  const absl::Time before = absl::Now();
  {
    Span call(kSampled, Kind::kServer, "PlaceOrder");
    Span question(call.context(), Kind::kClient, "ReserveStock");
    question.Set("peer.service", "catalog");
    question.Set("arasta.attempts", 2);
  }
  const auto spans = recorded.Take();
  ASSERT_THAT(spans, SizeIs(2));
  const SpanRecord& call = SpanNamed(spans, "PlaceOrder");
  const SpanRecord& question = SpanNamed(spans, "ReserveStock");
  EXPECT_EQ(call.parent, kSampled);
  EXPECT_EQ(call.context.trace_id(), kSampled.trace_id());
  EXPECT_TRUE(IsChildOf(question, call));
  EXPECT_EQ(question.kind, Kind::kClient);
  EXPECT_EQ(AttributeOf(question, "peer.service"), "catalog");
  EXPECT_EQ(AttributeOf(question, "arasta.attempts"), "2");
  EXPECT_GE(call.start, before);
  EXPECT_LE(call.start, question.start);
  EXPECT_LE(question.end, call.end);
}

TEST(SpanTest, IsTransparentWhereNothingIsRecorded) {
  EXPECT_EQ(Span(kSampled, Kind::kServer, "off").context(), kSampled);
  RecordedSpans recorded;
  Span unsampled(kUnsampled, Kind::kServer, "not sampled");
  unsampled.Set("key", "value");
  unsampled.SetStatus(absl::InternalError("broken"), /*failed=*/true);
  EXPECT_EQ(unsampled.context(), kUnsampled);
  EXPECT_FALSE(unsampled.recording());
  unsampled.End();
  EXPECT_THAT(recorded.Take(), IsEmpty());
}

TEST(SpanTest, AllocatesNothingWhereNothingIsRecorded) {
  allocations = 0;
  {
    Span span(kSampled, Kind::kServer, "a name that would not fit into a string by itself");
    span.Set("key", "a value that would not fit into a string by itself");
    span.SetStatus(absl::OkStatus(), /*failed=*/false);
  }
  EXPECT_EQ(allocations, 0);
}

TEST(SpanTest, EndsOnce) {
  RecordedSpans recorded;
  Span span(kSampled, Kind::kInternal, "work");
  span.End();
  span.End();
  const Span moved = std::move(span);
  EXPECT_THAT(recorded.Take(), SizeIs(1));
}

TEST(SpanTest, SaysHowItEndedWithoutWordsThatMayQuote) {
  RecordedSpans recorded;
  for (const bool failed : {true, false}) {
    Span span(kSampled, Kind::kInternal, failed ? "fault" : "answer");
    span.SetStatus(Error(absl::StatusCode::kNotFound, "NO_SUCH_USER", "ada@mail.example is not there"),
                   failed);
  }
  Span(kSampled, Kind::kInternal, "fine").SetStatus(absl::OkStatus(), /*failed=*/true);
  Span(kSampled, Kind::kInternal, "bare").SetStatus(absl::AbortedError("ada"), /*failed=*/true);
  const auto spans = recorded.Take();
  EXPECT_TRUE(SpanNamed(spans, "fault").failed);
  EXPECT_EQ(AttributeOf(SpanNamed(spans, "fault"), "error.type"), "NO_SUCH_USER");
  EXPECT_THAT(SpanNamed(spans, "fault").attributes, SizeIs(1));
  EXPECT_FALSE(SpanNamed(spans, "answer").failed);
  EXPECT_FALSE(SpanNamed(spans, "fine").failed);
  EXPECT_EQ(AttributeOf(SpanNamed(spans, "bare"), "error.type"), "ABORTED");
}

TEST(SpanTest, BeginsTracesByTheRatioAndFollowsWhoBeganThem) {
  constexpr int kTraces = 4000;
  RecordedSpans recorded(0.25);
  for (int i = 0; i < kTraces; ++i) Span(absl::nullopt, Kind::kServer, "root");
  const auto roots = recorded.Take();
  EXPECT_NEAR(static_cast<double>(roots.size()), kTraces / 4, kTraces / 20);
  for (const SpanRecord& root : roots) ASSERT_EQ(root.parent, absl::nullopt);
  for (int i = 0; i < 100; ++i) Span(absl::make_optional(kSampled), Kind::kServer, "child");
  EXPECT_THAT(recorded.Take(), SizeIs(100));
}

TEST(SpanTest, SamplesAllOrNothingAtTheEndsOfTheRatio) {
  EXPECT_TRUE(IsSampled(0) && IsSampled(UINT64_MAX)) << "others decide where nothing is recorded";
  {
    const RecordedSpans none(0);
    EXPECT_FALSE(IsSampled(0) || IsSampled(UINT64_MAX));
  }
  const RecordedSpans all(1);
  EXPECT_TRUE(IsSampled(0) && IsSampled(UINT64_MAX));
}

TEST(RecordingTest, DropsAndCountsWhatNobodyTakes) {
  RecordedSpans recorded;
  for (size_t i = 0; i < kMaxEndedSpans + 7; ++i) Span(kSampled, Kind::kInternal, "flood");
  EXPECT_EQ(TakeDropped(), 7);
  EXPECT_EQ(TakeDropped(), 0);
  EXPECT_THAT(recorded.Take(), SizeIs(kMaxEndedSpans));
  Span(kSampled, Kind::kInternal, "room again");
  EXPECT_THAT(recorded.Take(), SizeIs(1));
}

TEST(RecordingTest, WakesTheTakerWhenABatchIsThere) {
  const RecordedSpans recorded;
  std::vector<SpanRecord> taken;
  std::thread taker([&] { taken = TakeEnded(3, absl::Hours(1), {}); });
  for (int i = 0; i < 3; ++i) Span(kSampled, Kind::kInternal, "work");
  taker.join();
  EXPECT_THAT(taken, SizeIs(3));
}

TEST(RecordingTest, TakesAllOfAManyAtOnce) {
  RecordedSpans recorded;
  Span(kSampled, Kind::kInternal, "one");
  std::vector<SpanRecord> many = recorded.Take();
  many.resize(5, many.front());
  Keep(many);
  EXPECT_THAT(recorded.Take(), SizeIs(5));
}

}  // namespace
}  // namespace arasta::trace
