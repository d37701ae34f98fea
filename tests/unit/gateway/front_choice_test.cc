#include "services/gateway/front_choice.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"

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
    EXPECT_EQ(NameOf({type}), "rest") << type;
  }
}

TEST(ChooseFrontTest, SaysInHttpsTermsWhatIsNoProtocolOfOurs) {
  EXPECT_EQ(Choose({.type = "application/grpc", .http2 = false}).http_status, 505);
}

TEST(ChooseFrontTest, SaysInJsonThatAPathIsUnknown) {
  EXPECT_THAT(Choose({.type = "text/html"}).refusal, arasta::testing::HasReason("UNKNOWN_PATH"));
  EXPECT_THAT(Choose({.type = "application/grpc-web", .method = "GET"}).refusal,
              arasta::testing::HasReason("UNKNOWN_PATH"));
}

class ChooseConnectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    google::protobuf::FileDescriptorSet files;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        R"pb(file {
               name: "shop.proto"
               package: "shop.v1"
               message_type { name: "Empty" }
               service {
                 name: "Shop"
                 method { name: "Open" input_type: "Empty" output_type: "Empty" }
                 method {
                   name: "Look"
                   input_type: "Empty"
                   output_type: "Empty"
                   options { idempotency_level: NO_SIDE_EFFECTS }
                 }
                 method { name: "Watch" input_type: "Empty" output_type: "Empty" server_streaming: true }
                 method {
                   name: "Chat"
                   input_type: "Empty"
                   output_type: "Empty"
                   client_streaming: true
                   server_streaming: true
                 }
               }
             })pb",
        &files));
    absl::StatusOr<RouteTable> routes =
        RouteTable::Build(files, {{"/shop.v1.", "shop", options::v1::Access::PUBLIC}}, {"shop"}, 1000);
    ASSERT_TRUE(routes.ok()) << routes.status();
    routes_.emplace(*std::move(routes));
  }

  FrontChoice Choose(absl::string_view method, absl::string_view type, absl::string_view verb = "POST",
                     bool http2 = true) {
    path_ = absl::StrCat("/shop.v1.Shop/", method);
    RequestHead head;
    head.method = verb;
    head.path = path_;
    head.content_type = type;
    return ChooseFront(head, http2, *routes_);
  }

 private:
  absl::optional<RouteTable> routes_;
  std::string path_;
};

TEST_F(ChooseConnectTest, TellsUnaryCallsFromStreams) {
  EXPECT_EQ(Choose("Open", "application/proto").codec->name(), "connect");
  EXPECT_EQ(Choose("Open", "Application/Proto; charset=utf-8").codec->name(), "connect");
  EXPECT_EQ(Choose("Open?a=b", "application/proto").method->descriptor->name(), "Open");
  EXPECT_EQ(Choose("Watch", "application/connect+proto").codec->name(), "connect-stream");
  EXPECT_EQ(Choose("Chat", "application/connect+proto").codec->name(), "connect-stream");
  EXPECT_EQ(Choose("Open", "application/json; charset=utf-8").codec->name(), "connect");
  EXPECT_EQ(Choose("Watch", "application/connect+json").codec->name(), "connect-stream");
  EXPECT_EQ(Choose("Open", "application/connect+json").http_status, 415);
  EXPECT_EQ(Choose("Watch", "application/json").http_status, 415);
  EXPECT_EQ(Choose("Open", "application/connect+proto").http_status, 415);
  EXPECT_EQ(Choose("Watch", "application/proto").http_status, 415);
  EXPECT_EQ(Choose("Open", "application/xml").http_status, 415);
  EXPECT_EQ(Choose("Open", "").http_status, 415);
}

TEST_F(ChooseConnectTest, NamesTheTypesThatWouldDo) {
  EXPECT_THAT(Choose("Open", "text/html").accept_post, ::testing::HasSubstr("application/proto"));
  EXPECT_THAT(Choose("Watch", "text/html").accept_post, ::testing::HasSubstr("application/connect+proto"));
}

TEST_F(ChooseConnectTest, NeedsHttp2ForBothDirectionsAtOnce) {
  EXPECT_EQ(Choose("Chat", "application/connect+proto", "POST", /*http2=*/false).http_status, 505);
  EXPECT_NE(Choose("Watch", "application/connect+proto", "POST", /*http2=*/false).codec, nullptr);
}

TEST_F(ChooseConnectTest, GetsWhatHasNoSideEffects) {
  EXPECT_NE(Choose("Look?encoding=proto&message=", "", "GET").codec, nullptr);
  EXPECT_NE(Choose("Look?encoding=json&message=", "", "GET").codec, nullptr);
  EXPECT_EQ(Choose("Look?encoding=xml&message=", "", "GET").http_status, 415);
  EXPECT_EQ(Choose("Look", "application/proto", "PUT").allow, "GET, POST");
  EXPECT_EQ(Choose("Open?encoding=proto&message=", "", "GET").allow, "POST");
  EXPECT_EQ(Choose("Watch?encoding=proto&message=", "", "GET").allow, "POST");
}

TEST_F(ChooseConnectTest, TellsOfUnknownMethodsInConnectWhereThatIsWhatIsSpoken) {
  EXPECT_NE(Choose("Nothing", "application/proto").codec, nullptr);
  EXPECT_NE(Choose("Nothing", "application/connect+proto").codec, nullptr);
  EXPECT_NE(Choose("Nothing", "application/connect+json").codec, nullptr);
  EXPECT_EQ(Choose("Nothing", "application/json").codec->name(), "rest");
  EXPECT_EQ(Choose("Nothing", "", "GET").codec->name(), "rest");
}

}  // namespace
}  // namespace arasta::gateway
