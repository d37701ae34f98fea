#include "services/catalog/reservation_queue.h"

#include "gmock/gmock.h"

namespace arasta::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ReserveRequest NewRequest() {
  return ReserveRequest{ReservationKey{Uuid::V4(), 1}, {{"tea", 1}}};
}

TEST(ReservationQueueTest, LetsTheOldestLeadAndGathersTheRest) {
  ReservationQueue queue(10);
  const ReserveRequest first = NewRequest(), second = NewRequest(), third = NewRequest();
  queue.Add(&first);
  EXPECT_TRUE(queue.Leads(&first));
  EXPECT_THAT(queue.Take(), ElementsAre(&first));
  queue.Add(&second);
  queue.Add(&third);
  EXPECT_FALSE(queue.Leads(&second)) << "a batch is under way";
  queue.Finish();
  EXPECT_TRUE(queue.Leads(&second));
  EXPECT_FALSE(queue.Leads(&third));
  EXPECT_THAT(queue.Take(), ElementsAre(&second, &third));
}

TEST(ReservationQueueTest, TakesNoMoreThanFitsAtOnce) {
  ReservationQueue queue(2);
  const ReserveRequest first = NewRequest(), second = NewRequest(), third = NewRequest();
  for (const ReserveRequest* request : {&first, &second, &third}) queue.Add(request);
  EXPECT_THAT(queue.Take(), ElementsAre(&first, &second));
  queue.Finish();
  EXPECT_THAT(queue.Take(), ElementsAre(&third));
}

TEST(ReservationQueueTest, NeverTakesAKeyTwiceIntoABatch) {
  ReservationQueue queue(10);
  const ReserveRequest first = NewRequest(), repeat = first, other = NewRequest();
  for (const ReserveRequest* request : {&first, &repeat, &other}) queue.Add(request);
  EXPECT_THAT(queue.Take(), ElementsAre(&first, &other));
  queue.Finish();
  EXPECT_TRUE(queue.Leads(&repeat));
  EXPECT_THAT(queue.Take(), ElementsAre(&repeat));
}

TEST(ReservationQueueTest, WithdrawsOnlyWhatWasNotTaken) {
  ReservationQueue queue(1);
  const ReserveRequest first = NewRequest(), second = NewRequest();
  queue.Add(&first);
  queue.Add(&second);
  queue.Take();
  EXPECT_FALSE(queue.Remove(&first));
  EXPECT_TRUE(queue.Remove(&second));
  queue.Finish();
  EXPECT_THAT(queue.Take(), IsEmpty());
}

}  // namespace
}  // namespace arasta::catalog
