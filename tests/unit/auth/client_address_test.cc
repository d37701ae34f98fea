#include "services/auth/client_address.h"

#include <gtest/gtest.h>

namespace arasta::auth {
namespace {

TEST(ClientNetworkTest, TakesOnlyTheHopThatTheGatewayWrote) {
  EXPECT_EQ(ClientNetwork("198.51.100.7"), ClientNetwork("10.0.0.1, junk, 198.51.100.7"));
  EXPECT_NE(ClientNetwork("198.51.100.7"), ClientNetwork("198.51.100.8"));
}

TEST(ClientNetworkTest, TakesIpv6BySlash64) {
  EXPECT_EQ(ClientNetwork("2001:db8:1:2::1"), ClientNetwork("2001:db8:1:2:ffff::9"));
  EXPECT_NE(ClientNetwork("2001:db8:1:2::1"), ClientNetwork("2001:db8:1:3::1"));
}

TEST(ClientNetworkTest, TakesMappedIpv4AsIpv4) {
  EXPECT_EQ(ClientNetwork("::ffff:198.51.100.7"), ClientNetwork("198.51.100.7"));
}

TEST(ClientNetworkTest, ChargesRubbishToOneKey) {
  for (const char* junk : {"", "junk", "1.2.3", "1.2.3.4:80", "'; DROP TABLE users", "1.2.3.4,"}) {
    EXPECT_EQ(ClientNetwork(junk), "unknown") << junk;
  }
}

}  // namespace
}  // namespace arasta::auth
