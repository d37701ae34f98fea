// What a leading relay concludes from what its outbox and its streams say.
#include "common/events/publication.h"

#include "gtest/gtest.h"

namespace arasta::events {
namespace {

// Three events of partition 2 have a sequence, of which the outbox knows one to be in Redis.
OutboxState ThreeOfPartitionTwo() {
  OutboxState state{.incarnation = "a"};
  state.heads[2] = 3;
  state.published[2] = 1;
  return state;
}

OutboxView WholeWindow() {
  OutboxView view;
  view.window_begin.fill(1);
  return view;
}

TEST(PublicationTest, KnowsNothingOfTheStreamsUntilTheyWereCompared) {
  Publication publication;
  publication.OnLead();
  publication.OnOutbox(ThreeOfPartitionTwo());
  EXPECT_FALSE(publication.aligned());
  std::array<StreamSide, kPartitions> ends;
  ends[2] = {2, "a", "e2"};
  publication.OnAligned(publication.Compare(WholeWindow(), ends));
  EXPECT_TRUE(publication.aligned());
  EXPECT_EQ(publication.state().published[2], 2);
  EXPECT_FALSE(publication.IsComplete());
  publication.OnAdded(2, 3);
  EXPECT_TRUE(publication.IsComplete());
  publication.OnError();
  EXPECT_FALSE(publication.aligned());
}

TEST(PublicationTest, OnceAlignedBelievesTheStreamsMoreThanTheOutbox) {
  Publication publication;
  publication.OnOutbox(ThreeOfPartitionTwo());
  publication.OnAligned(publication.Compare(WholeWindow(), {}));
  publication.OnAdded(2, 3);
  publication.OnOutbox(ThreeOfPartitionTwo());
  EXPECT_TRUE(publication.IsComplete());
}

TEST(PublicationTest, ANewIncarnationIsComparedAnew) {
  Publication publication;
  publication.OnOutbox(ThreeOfPartitionTwo());
  publication.OnAligned(publication.Compare(WholeWindow(), {}));
  publication.OnOutbox({.incarnation = "b"});
  EXPECT_FALSE(publication.aligned());
}

}  // namespace
}  // namespace arasta::events
