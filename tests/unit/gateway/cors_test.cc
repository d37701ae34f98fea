#include "services/gateway/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace arasta::gateway {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Optional;

TEST(CorsTest, MatchesOriginsExactlyOrByAnyPort) {
  const Cors cors({.origins = {"https://shop.example", "http://localhost:*"}, .exposed_headers = {}});
  for (const char* origin : {"https://shop.example", "http://localhost", "http://localhost:3000"}) {
    EXPECT_TRUE(cors.Allows(origin)) << origin;
  }
  for (const char* origin :
       {"", "null", "http://shop.example", "https://shop.example.evil", "https://shop.example:444",
        "http://localhost:", "http://localhost:80x", "http://localhost.evil:80", "*"}) {
    EXPECT_FALSE(cors.Allows(origin)) << origin;
  }
}

TEST(CorsTest, KnowsWhatNoBrowserWouldSay) {
  for (const char* origin :
       {"https://shop.example", "http://localhost:*", "http://[::1]:8080", "app+x://a-b_c"}) {
    EXPECT_TRUE(IsOrigin(origin)) << origin;
  }
  for (const char* origin : {"", "*", "null", "shop.example", "https://", "://a", "https://shop.example/",
                             "https://*.example", "https://Shop.example", "http://a http://b"}) {
    EXPECT_FALSE(IsOrigin(origin)) << origin;
  }
}

TEST(CorsTest, EchoesTheOriginNeverAStar) {
  const Cors cors({.origins = {"https://shop.example"}, .exposed_headers = {"x-total"}});
  HeaderBlock head;
  cors.AddAnswerHeaders("https://shop.example", head);
  EXPECT_THAT(head.Find("access-control-allow-origin"), Optional(Eq("https://shop.example")));
  EXPECT_THAT(head.Find("vary"), Optional(Eq("origin")));
  EXPECT_THAT(std::string(*head.Find("access-control-expose-headers")),
              testing::AllOf(HasSubstr("grpc-status-details-bin"), HasSubstr("x-total")));
}

TEST(CorsTest, TellsAStrangerNothingButThatAnswersVary) {
  const Cors cors({.origins = {"https://shop.example"}, .exposed_headers = {}});
  HeaderBlock head;
  cors.AddAnswerHeaders("https://evil.example", head);
  cors.AddPreflightHeaders("https://evil.example", "x", head);
  EXPECT_FALSE(head.Find("access-control-allow-origin"));
  EXPECT_FALSE(head.Find("access-control-allow-headers"));
  EXPECT_TRUE(head.Find("vary"));
}

}  // namespace
}  // namespace arasta::gateway
