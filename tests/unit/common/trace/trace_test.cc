#include "common/trace/trace.h"

#include "gtest/gtest.h"

namespace arasta::trace {
namespace {

constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceTest, ParsesWhatItPrints) {
  const absl::optional<Context> context = Context::Parse(kParent);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->ToTraceparent(), kParent);
  EXPECT_EQ(context->trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled());
}

TEST(TraceTest, RefusesWhatTheStandardRefuses) {
  for (const char* text : {
           "",
           "00",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
       }) {
    EXPECT_FALSE(Context::Parse(text).has_value()) << text;
  }
}

TEST(TraceTest, ReadsALaterVersion) {
  EXPECT_TRUE(Context::Parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").has_value());
}

TEST(TraceTest, AChildKeepsTheTraceAndChangesTheSpan) {
  const Context parent = *Context::Parse(kParent);
  const Context child = parent.Child();
  EXPECT_EQ(child.trace_id(), parent.trace_id());
  EXPECT_NE(child.span_id(), parent.span_id());
  EXPECT_TRUE(child.sampled());
}

TEST(TraceTest, SamplesByTheEndOfTheTraceId) {
  EXPECT_EQ(Context::Parse(kParent)->trace_id_end(), 0xa3ce929d0e0e4736u);
  EXPECT_TRUE(Context::NewRoot().sampled());
  EXPECT_FALSE(Context::NewUnsampled().sampled());
}

TEST(TraceTest, RootsDiffer) {
  EXPECT_NE(Context::NewRoot().trace_id(), Context::NewRoot().trace_id());
}

}  // namespace
}  // namespace arasta::trace
