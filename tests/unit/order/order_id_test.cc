#include "services/order/order_id.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::order {
namespace {

using testing::HasReason;
using testing::IsOkAndHolds;

const Uuid kRequest = *Uuid::Parse("6fa459ea-ee8a-4ca4-894e-db77e160355e");

TEST(OrderIdTest, IsTheSameForTheSameCustomerAndRequest) {
  EXPECT_EQ(OrderId::Derive("users/a", kRequest), OrderId::Derive("users/a", kRequest));
}

TEST(OrderIdTest, DiffersByCustomerAndByRequest) {
  EXPECT_NE(OrderId::Derive("users/a", kRequest), OrderId::Derive("users/b", kRequest));
  EXPECT_NE(OrderId::Derive("users/a", kRequest), OrderId::Derive("users/a", Uuid::V4()));
}

// Ids are in other people's databases: this one must never change.
TEST(OrderIdTest, IsWhatItWasInTheFirstRelease) {
  EXPECT_EQ(OrderId::Derive("users/00000000-0000-4000-8000-000000000001", kRequest).ToName(),
            "orders/c2de3cc1-6e1a-83ee-9d2d-264b1e702985");
}

TEST(OrderIdTest, IsAUuidOfVersionEight) {
  const Uuid::Bytes bytes = OrderId::Derive("users/a", kRequest).uuid().bytes();
  EXPECT_EQ(bytes[6] >> 4, 8);
  EXPECT_EQ(bytes[8] >> 6, 2);
}

TEST(OrderIdTest, LiesInTheShardOfItsCustomer) {
  std::set<int16_t> shards;
  for (int i = 0; i < 1000; ++i) {
    const std::string customer = absl::StrCat("users/", i);
    const OrderId id = OrderId::Derive(customer, Uuid::V4());
    EXPECT_EQ(id.shard(), ShardOfCustomer(customer));
    shards.insert(id.shard());
  }
  EXPECT_EQ(shards.size(), static_cast<size_t>(kShards));
  EXPECT_EQ(*shards.begin(), 0);
  EXPECT_EQ(*shards.rbegin(), kShards - 1);
}

TEST(OrderIdTest, ReadsItsOwnName) {
  const OrderId id = OrderId::Derive("users/a", kRequest);
  EXPECT_THAT(OrderId::FromName(id.ToName()), IsOkAndHolds(id));
}

TEST(OrderIdTest, RefusesOtherNames) {
  for (const char* name : {"", "orders/", "orders/1", "carts/6fa459ea-ee8a-4ca4-894e-db77e160355e",
                           "orders/6fa459ea-ee8a-4ca4-894e-db77e160355e/x"}) {
    EXPECT_THAT(OrderId::FromName(name), HasReason("INVALID_FIELD")) << name;
  }
}

}  // namespace
}  // namespace arasta::order
