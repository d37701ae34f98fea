// AdjustStock: what staff say of the shelf is counted once and kept within bounds.
#include <atomic>
#include <thread>

#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Property;

class StockTest : public CatalogFixture {
 protected:
  void Shelve(const std::string& sku, int64_t on_hand) {
    database_.Query(absl::StrCat("INSERT INTO stock (sku, on_hand) VALUES ('", sku, "', ", on_hand, ")"));
  }
  int64_t Sum(const std::string& column, const std::string& table) {
    return database_.Value<int64_t>(absl::StrCat("SELECT sum(", column, ") FROM ", table));
  }
};

TEST_F(StockTest, AdjustsStockOncePerRequestIdAndRefusesItForAnotherRequest) {
  ASSERT_THAT(Create("Tea", "TEA"), IsOk());
  ASSERT_THAT(Create("Cup", "CUP"), IsOk());
  const std::string id = "request_id: '018f3a5c-0000-7000-8000-00000000000a' ";
  auto adjust = [&](const std::string& text) {
    return admin_.AdjustStock(staff_, Parse<v1::AdjustStockRequest>(text));
  };
  EXPECT_THAT(adjust(id + "name: 'stock/TEA' delta: 5"), IsOk());
  EXPECT_THAT(adjust("request_id: '018F3A5C-0000-7000-8000-00000000000A' name: 'stock/TEA' delta: 5"),
              IsOkAndHolds(Property(&v1::Stock::on_hand, 5)))
      << "the same id in capitals";
  for (const char* const other : {"name: 'stock/TEA' delta: 6", "name: 'stock/CUP' delta: 5",
                                  "name: 'stock/TEA' on_hand: 5", "name: 'stock/TEA' delta: 5 note: 'b'"}) {
    EXPECT_THAT(adjust(id + other),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("REQUEST_ID_REUSED")))
        << other;
  }
  // A movement from before there were fingerprints tells no more than its SKU.
  database_.Query("UPDATE stock_movement SET fingerprint = NULL");
  EXPECT_THAT(adjust(id + "name: 'stock/TEA' on_hand: 9"), IsOkAndHolds(Property(&v1::Stock::on_hand, 5)));
  EXPECT_THAT(adjust(id + "name: 'stock/CUP' delta: 5"), HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(Count("stock_movement"), 1);
}

TEST_F(StockTest, LetsAnAdjustmentTakeNoMoreThanCanBeCounted) {
  Shelve("tea", 999'999'999);
  EXPECT_THAT(stock_.Adjust(staff_, {"tea", Uuid::V4(), 1, absl::nullopt, ""}), IsOk());
  EXPECT_THAT(stock_.Adjust(staff_, {"tea", Uuid::V4(), 1, absl::nullopt, ""}),
              AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("STOCK_OVERFLOW")));
  EXPECT_EQ(Sum("on_hand", "stock"), 1'000'000'000);
  EXPECT_EQ(Sum("delta", "stock_movement"), 1);
  // What sales gave back may have taken it beyond: it can still be corrected.
  database_.Query("UPDATE stock SET on_hand = on_hand + 5");
  EXPECT_THAT(stock_.Adjust(staff_, {"tea", Uuid::V4(), -1, absl::nullopt, ""}), IsOk());
}

TEST_F(StockTest, LetsARequestIdAdjustOneSkuWhoeverComesAtTheSameTime) {
  constexpr int kSkus = 8;
  for (int i = 0; i < kSkus; ++i) Shelve(absl::StrCat("tea-", i), 0);
  for (int round = 0; round < 5; ++round) {
    const Uuid id = Uuid::V4();
    std::atomic<int> adjusted{0};
    std::vector<std::jthread> clerks;
    for (int i = 0; i < kSkus; ++i) {
      clerks.emplace_back([&, i] {
        const auto stock = stock_.Adjust(staff_, {absl::StrCat("tea-", i), id, 1, absl::nullopt, ""});
        if (stock.ok()) return void(++adjusted);
        EXPECT_THAT(stock, HasReason("REQUEST_ID_REUSED"));
      });
    }
    clerks.clear();
    EXPECT_EQ(adjusted, 1);
  }
  EXPECT_EQ(Sum("on_hand", "stock"), 5);
}

}  // namespace
}  // namespace arasta::catalog
