#include "common/rpc/channel.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;

TEST(ChannelTest, TakesANameOrTheAddressesOfReplicas) {
  EXPECT_THAT(TargetOf("catalog:9090"), IsOkAndHolds("catalog:9090"));
  EXPECT_THAT(TargetOf("127.0.0.1:1"), IsOkAndHolds("127.0.0.1:1"));
  EXPECT_THAT(TargetOf("127.0.0.1:1, 127.0.0.1:2"), IsOkAndHolds("ipv4:127.0.0.1:1,127.0.0.1:2"));
  EXPECT_THAT(TargetOf("[::1]:1,[::1]:2"), IsOkAndHolds("ipv6:[::1]:1,[::1]:2"));
}

TEST(ChannelTest, RefusesListsThatGrpcCannotResolve) {
  for (const char* addresses : {"", " , ", "catalog-1:9090,catalog-2:9090", "127.0.0.1:1,[::1]:2",
                                "127.0.0.1:1,127.0.0.1", "127.0.0.1:1,127.0.0.1:70000", "::1:1,::1:2"}) {
    EXPECT_THAT(TargetOf(addresses), StatusIs(absl::StatusCode::kInvalidArgument)) << addresses;
  }
}

}  // namespace
}  // namespace arasta::rpc
