// What a reader of a partition decides, without any transport.
#include "common/events/partition_reader.h"

#include "common/base/errors.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace arasta::events {
namespace {

const absl::Status kPoison = Error(absl::StatusCode::kInvalidArgument, "POISON", "");

TEST(PartitionReaderTest, AppliesTheNextSkipsTheSeenAndReplaysTheRest) {
  PartitionReader reader(1, {"a", 5});
  EXPECT_EQ(reader.OnEvent("a", 6), Step::kApply);
  EXPECT_EQ(reader.OnEvent("a", 5), Step::kSkip);
  EXPECT_EQ(reader.OnEvent("a", 7), Step::kReplay);
  EXPECT_EQ(reader.OnEvent("b", 6), Step::kReplay);
  EXPECT_EQ(PartitionReader().OnEvent("a", 1), Step::kReplay);
}

TEST(PartitionReaderTest, SeesALostTailByTheHeadAlone) {
  PartitionReader reader(1, {"a", 5});
  EXPECT_FALSE(reader.TailIsLost("a", 5));
  EXPECT_FALSE(reader.TailIsLost("a", 4));
  EXPECT_TRUE(reader.TailIsLost("a", 6));
  EXPECT_TRUE(reader.TailIsLost("b", 5));
}

TEST(PartitionReaderTest, ReadsTheFeedOnWhereItStandsUnlessTheOutboxIsNewOrPruned) {
  const PartitionReader reader(1, {"a", 5});
  EXPECT_EQ(reader.OnFeed("a", absl::nullopt), (Cursor{"a", 5}));
  EXPECT_EQ(reader.OnFeed("b", absl::nullopt), (Cursor{"b", 0}));
  EXPECT_EQ(reader.OnFeed("a", 9), (Cursor{"a", 8}));
}

TEST(PartitionReaderTest, ParksAfterFiveFailuresWithLongerAndLongerDelays) {
  FakeClock clock;
  PartitionReader reader(1, {"a", 5});
  absl::Duration delay = PartitionReader::kFirstDelay;
  for (int i = 1; i < PartitionReader::kMaxFailures; ++i, delay *= 2) {
    EXPECT_EQ(reader.OnFailure(kPoison, clock.Now()), Verdict::kRetryLater);
    EXPECT_TRUE(reader.IsDelayed(clock.Now() + delay - absl::Milliseconds(1)));
    EXPECT_FALSE(reader.IsDelayed(clock.Now() + delay));
  }
  EXPECT_EQ(reader.OnFailure(kPoison, clock.Now()), Verdict::kPark);
}

TEST(PartitionReaderTest, NeverParksForAPeersSake) {
  FakeClock clock;
  PartitionReader reader(1, {"a", 5});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(reader.OnFailure(absl::UnavailableError(""), clock.Now()), Verdict::kRetryLater);
  }
  EXPECT_EQ(reader.failures(), 0);
  EXPECT_FALSE(reader.IsDelayed(clock.Now() + PartitionReader::kMaxDelay));
}

TEST(PartitionReaderTest, CountsAnewForEachEvent) {
  FakeClock clock;
  PartitionReader reader(1, {"a", 5});
  for (int i = 1; i < PartitionReader::kMaxFailures; ++i) reader.OnFailure(kPoison, clock.Now());
  reader.Reload(1, {"a", 5});
  EXPECT_EQ(reader.failures(), 4);
  reader.Advance();
  EXPECT_EQ(reader.failures(), 0);
  EXPECT_EQ(reader.cursor().watermark, 6);
  EXPECT_FALSE(reader.IsDelayed(clock.Now()));
}

TEST(PartitionReaderTest, LooksTheCursorUpWhenItMayHaveMoved) {
  PartitionReader reader(1, {"a", 5});
  for (const char* reason : {"LEASE_LOST", "COMMIT_IN_DOUBT"}) {
    EXPECT_EQ(reader.OnFailure(Error(absl::StatusCode::kAborted, reason, ""), absl::UnixEpoch()),
              Verdict::kReload);
  }
  reader.Reload(2, {"a", 6});
  EXPECT_EQ(reader.epoch(), 2);
  EXPECT_EQ(reader.OnEvent("a", 6), Step::kSkip);
}

TEST(PartitionReaderTest, AClockSetBackDoesNotProlongADelay) {
  FakeClock clock;
  PartitionReader reader(1, {"a", 5});
  reader.Delay(clock.Now());
  EXPECT_FALSE(reader.IsDelayed(clock.Now() - absl::Hours(1)));
}

}  // namespace
}  // namespace arasta::events
