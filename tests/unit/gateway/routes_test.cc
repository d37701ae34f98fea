#include "services/gateway/routes.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace arasta::gateway {
namespace {

using options::v1::Access;

google::protobuf::FileDescriptorSet Parse(const char* text) {
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &files));
  return files;
}

google::protobuf::FileDescriptorSet Files() {
  return Parse(
      R"pb(file {
             name: "shop.proto"
             package: "shop.v1"
             message_type { name: "Empty" }
             service {
               name: "Shop"
               method {
                 name: "Open"
                 input_type: "Empty"
                 output_type: "Empty"
                 options {
                   [arasta.options.v1.access] { who: PUBLIC }
                 }
               }
               method {
                 name: "Staff"
                 input_type: "Empty"
                 output_type: "Empty"
                 options {
                   [arasta.options.v1.access] { who: STAFF permission: "shop.write" }
                   [arasta.options.v1.max_deadline_ms]: 700
                 }
               }
               method {
                 name: "Inner"
                 input_type: "Empty"
                 output_type: "Empty"
                 options {
                   [arasta.options.v1.access] { who: INTERNAL }
                 }
               }
               method { name: "Undeclared" input_type: "Empty" output_type: "Empty" }
               method {
                 name: "Watch"
                 input_type: "Empty"
                 output_type: "Empty"
                 server_streaming: true
                 options {
                   [arasta.options.v1.access] { who: USER }
                 }
               }
             }
           })pb");
}

RouteTable Build(const std::vector<Route>& routes) {
  auto table = RouteTable::Build(Files(), routes, {"shop", "other"}, 1000);
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

TEST(RouteTableTest, ServesWhatTheContractOpens) {
  const RouteTable table = Build({{"/shop.v1.", "shop"}});
  ASSERT_NE(table.Find("/shop.v1.Shop/Open"), nullptr);
  EXPECT_EQ(table.Find("/shop.v1.Shop/Open")->max_deadline, absl::Seconds(5));
  const Method* staff = table.Find("/shop.v1.Shop/Staff");
  ASSERT_NE(staff, nullptr);
  EXPECT_EQ(staff->who, Access::STAFF);
  EXPECT_EQ(staff->permission, "shop.write");
  EXPECT_EQ(staff->max_deadline, absl::Milliseconds(700));
  const Method* watch = table.Find("/shop.v1.Shop/Watch");
  ASSERT_NE(watch, nullptr);
  EXPECT_TRUE(watch->server_streaming);
  EXPECT_EQ(watch->max_deadline, absl::InfiniteDuration());
}

TEST(RouteTableTest, NeverServesInternalOrUndeclaredMethods) {
  const RouteTable table = Build({{"/shop.v1.", "shop"}});
  EXPECT_EQ(table.Find("/shop.v1.Shop/Inner"), nullptr);
  EXPECT_EQ(table.Find("/shop.v1.Shop/Undeclared"), nullptr);
  EXPECT_EQ(Build({{"/shop.v1.", "shop", Access::PUBLIC}}).Find("/shop.v1.Shop/Inner"), nullptr);
  EXPECT_NE(Build({{"/shop.v1.", "shop", Access::PUBLIC}}).Find("/shop.v1.Shop/Undeclared"), nullptr);
}

TEST(RouteTableTest, FindsExactPathsOnly) {
  const RouteTable table = Build({{"/shop.v1.", "shop"}});
  for (const char* path : {"", "/", "shop.v1.Shop/Open", "/shop.v1.Shop/Open/", "/shop.v1.Shop/open",
                           "//shop.v1.Shop/Open", "/shop.v1.Shop/%4Fpen", "/x/../shop.v1.Shop/Open"}) {
    EXPECT_EQ(table.Find(path), nullptr) << path;
  }
}

TEST(RouteTableTest, TakesTheLongestPrefix) {
  EXPECT_EQ(Build({{"/shop.v1.", "shop"}, {"/shop.v1.Shop/", "other"}}).Find("/shop.v1.Shop/Open")->backend,
            1u);
  EXPECT_EQ(Build({{"/none.", "shop"}}).Find("/shop.v1.Shop/Open"), nullptr);
}

TEST(RouteTableTest, RefusesARouteToNowhere) {
  EXPECT_FALSE(RouteTable::Build(Files(), {{"/shop.v1.", "gone"}}, {"shop"}, 1000).ok());
}

TEST(RouteTableTest, LimitsARouteAsConfigured) {
  const absl::Duration second = absl::Seconds(1);
  const RouteTable table = Build({{"/shop.v1.", "shop", Access::PUBLIC, 50, second},
                                  {"/shop.v1.Shop/Undeclared", "shop", Access::PUBLIC}});
  const auto* open = table.Find("/shop.v1.Shop/Open");
  EXPECT_EQ(open->max_request_bytes, 50u);
  EXPECT_EQ(open->max_deadline, second);
  EXPECT_EQ(table.Find("/shop.v1.Shop/Watch")->max_deadline, second);
  // A contract that says less is obeyed.
  EXPECT_EQ(table.Find("/shop.v1.Shop/Staff")->max_deadline, absl::Milliseconds(700));
  EXPECT_EQ(table.Find("/shop.v1.Shop/Undeclared")->max_request_bytes, 1000u);
  EXPECT_EQ(table.Find("/shop.v1.Shop/Undeclared")->max_deadline, absl::Seconds(5));
}

TEST(RouteTableTest, ServesContractsWithoutAPackage) {
  const auto table =
      RouteTable::Build(Parse(R"pb(file {
                                     name: "bare.proto"
                                     message_type { name: "Empty" }
                                     service {
                                       name: "Bare"
                                       method { name: "Do" input_type: "Empty" output_type: "Empty" }
                                     }
                                   })pb"),
                        {{"/Bare/", "shop", Access::PUBLIC}}, {"shop"}, 1000);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_NE(table->Find("/Bare/Do"), nullptr);
}

// gRPC's own sources have it under another path; some sets have no more than a part of it.
TEST(RouteTableTest, ServesReflectionAsFarAsTheSetLeavesIt) {
  const auto files = Parse(
      R"pb(file {
             name: "src/proto/grpc/reflection/v1/reflection.proto"
             package: "grpc.reflection.v1"
             message_type { name: "ServerReflectionRequest" }
           })pb");
  auto table = RouteTable::Build(files, {{"/", "any"}}, {"any"}, 1000);
  ASSERT_TRUE(table.ok());
  table->AddReflection(1000);
  EXPECT_EQ(table->Find("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"), nullptr);
  EXPECT_NE(table->Find("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"), nullptr);
}

TEST(RouteTableTest, NamesWhatAnIncompleteDescriptorSetLacks) {
  const auto table =
      RouteTable::Build(Parse(R"pb(file { name: "a.proto" dependency: "b.proto" })pb"), {}, {}, 1000);
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(table.status().message().find("b.proto"), std::string::npos) << table.status();
}

}  // namespace
}  // namespace arasta::gateway
