#include "services/gateway/incoming_head.h"

#include <gtest/gtest.h>

#include <string>

namespace arasta::gateway {
namespace {

constexpr size_t kLimit = 1000;

TEST(IncomingHeadTest, KeepsEverythingUpToTheLimit) {
  IncomingHead head(kLimit);
  for (int i = 0; i < 10; ++i) head.Add("name", std::string(64, 'x'));  // 100 bytes each
  EXPECT_FALSE(head.too_large());
  EXPECT_EQ(head.Take().size(), 10u);
}

TEST(IncomingHeadTest, KeepsWhatDecidesTheProtocolBeyondIt) {
  IncomingHead head(kLimit);
  for (int i = 0; i < 12; ++i) head.Add("name", std::string(64, 'x'));
  head.Add("content-type", "application/grpc-web");
  EXPECT_TRUE(head.too_large());
  EXPECT_FALSE(head.hopeless());
  const HeaderBlock fields = head.Take();
  EXPECT_EQ(fields.size(), 11u);
  EXPECT_EQ(fields.Find("content-type"), "application/grpc-web");
}

TEST(IncomingHeadTest, StaysSmallWhateverComes) {
  IncomingHead head(kLimit);
  for (int i = 0; i < 1000; ++i) head.Add("origin", std::string(64, 'x'));
  EXPECT_TRUE(head.hopeless());
  EXPECT_LE(head.Take().list_size(), 2 * kLimit);
  EXPECT_FALSE(head.too_large());
}

}  // namespace
}  // namespace arasta::gateway
