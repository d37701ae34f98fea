#include "services/catalog/stock.h"

#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ReserveRequest Wanting(std::vector<ReservationLine> lines) {
  return ReserveRequest{ReservationKey{Uuid::V4(), 1}, std::move(lines)};
}

TEST(SumLinesTest, SumsLinesOfTheSameSkuAndOrdersThem) {
  EXPECT_THAT(SumLines({{"tea", 2}, {"cup", 1}, {"tea", 3}}),
              IsOkAndHolds(ElementsAre(ReservationLine{"cup", 1}, ReservationLine{"tea", 5})));
}

TEST(SumLinesTest, NamesTheLineWhoseQuantityIsNotFromOneToTheMaximum) {
  for (int64_t quantity : {int64_t{0}, int64_t{-1}, kMaxQuantity + 1, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(SumLines({{"cup", 1}, {"tea", quantity}}), StatusIs(absl::StatusCode::kInvalidArgument))
        << quantity;
  }
  EXPECT_THAT(SumLines({{"tea", 0}}).status().ToString(), HasSubstr("lines[0].quantity"));
}

TEST(SumLinesTest, RefusesASumOverTheMaximum) {
  EXPECT_THAT(SumLines({{"tea", kMaxQuantity}, {"tea", 1}}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AllocateTest, ServesInOrderUntilNothingIsLeft) {
  const ReserveRequest first = Wanting({{"tea", 2}});
  const ReserveRequest second = Wanting({{"tea", 2}});
  const ReserveRequest third = Wanting({{"tea", 1}});
  Availability available = {{"tea", 3}};
  const ReserveRequest* requests[] = {&first, &second, &third};
  EXPECT_THAT(Allocate(requests, available), ElementsAre(IsOk(), HasReason("INSUFFICIENT_STOCK"), IsOk()));
  EXPECT_EQ(available["tea"], 0);
}

TEST(AllocateTest, TakesNothingForARequestThatFitsOnlyInPart) {
  const ReserveRequest both = Wanting({{"cup", 1}, {"tea", 2}});
  Availability available = {{"cup", 5}, {"tea", 1}};
  const ReserveRequest* requests[] = {&both};
  EXPECT_THAT(Allocate(requests, available), ElementsAre(HasReason("INSUFFICIENT_STOCK")));
  EXPECT_EQ(available["cup"], 5);
}

TEST(AllocateTest, TellsAnUnknownSkuFromAnEmptyShelf) {
  const ReserveRequest unknown = Wanting({{"moon", 1}});
  Availability available = {{"tea", 1}};
  const ReserveRequest* requests[] = {&unknown};
  EXPECT_THAT(Allocate(requests, available), ElementsAre(HasReason("UNKNOWN_SKU")));
}

}  // namespace
}  // namespace arasta::catalog
