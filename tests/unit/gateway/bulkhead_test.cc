#include "services/gateway/bulkhead.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace arasta::gateway {
namespace {

TEST(BulkheadTest, HasSoManyPlacesAndNoMore) {
  Bulkhead bulkhead("/shop.v1.", 2);
  Bulkhead::Place first = bulkhead.Enter();
  const Bulkhead::Place second = bulkhead.Enter();
  EXPECT_NE(first, nullptr);
  EXPECT_NE(second, nullptr);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bulkhead.Enter(), nullptr);
  first.reset();
  EXPECT_NE(bulkhead.Enter(), nullptr);
}

TEST(BulkheadTest, LosesNoPlaceBetweenThreads) {
  Bulkhead bulkhead("/shop.v1.", 2);
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&] {
        for (int j = 0; j < 10'000; ++j) const Bulkhead::Place place = bulkhead.Enter();
      });
    }
  }
  const Bulkhead::Place first = bulkhead.Enter();
  const Bulkhead::Place second = bulkhead.Enter();
  EXPECT_NE(first, nullptr);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(bulkhead.Enter(), nullptr);
}

}  // namespace
}  // namespace arasta::gateway
