#include "services/gateway/front_choice.h"

#include <gtest/gtest.h>

namespace arasta::gateway {
namespace {

struct Asked {
  absl::string_view type;
  absl::string_view accept = {};
  absl::string_view method = "POST";
  bool http2 = true;
};

FrontChoice Choose(const Asked& asked) {
  RequestHead head;
  head.method = asked.method;
  head.path = "/shop.v1.Shop/Open";
  head.content_type = asked.type;
  head.accept = asked.accept;
  return ChooseFront(head, asked.http2, RouteTable());
}

std::string NameOf(const Asked& asked) {
  const FrontChoice choice = Choose(asked);
  return choice.codec ? std::string(choice.codec->name()) : "none";
}

TEST(ChooseFrontTest, KnowsEveryContentType) {
  EXPECT_EQ(NameOf({"application/grpc"}), "grpc");
  EXPECT_EQ(NameOf({"application/grpc+proto"}), "grpc");
  EXPECT_EQ(NameOf({"application/grpc;charset=utf-8"}), "grpc");
  EXPECT_EQ(NameOf({"Application/GRPC"}), "grpc");
  EXPECT_EQ(NameOf({"application/grpc-web"}), "grpc-web");
  EXPECT_EQ(NameOf({"application/grpc-web+proto; charset=utf-8"}), "grpc-web");
  EXPECT_EQ(NameOf({"application/grpc-web-text"}), "grpc-web-text");
  EXPECT_EQ(NameOf({"application/grpc-web-text+proto"}), "grpc-web-text");
  EXPECT_EQ(NameOf({"application/grpc-web+proto", "application/grpc-web-text"}), "grpc-web-text");
  EXPECT_EQ(NameOf({.type = "application/grpc-web", .http2 = false}), "grpc-web");
  for (const char* type : {"", "application/json", "application/grpcx", "application/grpc-webx",
                           "application/grpc+json", "application/grpc-web+json", "text/html", "grpc"}) {
    EXPECT_EQ(NameOf({type}), "none") << type;
  }
}

TEST(ChooseFrontTest, SaysInHttpsTermsWhatIsNoProtocolOfOurs) {
  EXPECT_EQ(Choose({.type = "application/grpc", .http2 = false}).http_status, 505);
  EXPECT_EQ(Choose({.type = "text/html"}).http_status, 404);
  EXPECT_EQ(Choose({.type = "application/grpc-web", .method = "GET"}).http_status, 404);
}

}  // namespace
}  // namespace arasta::gateway
