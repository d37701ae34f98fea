// Rules of google.api.http: which are served, and which stop the gateway from starting.
#include "services/gateway/rest/rest_routes.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/substitute.h"
#include "tests/support/matchers.h"
#include "tests/support/rest_table.h"

namespace arasta::gateway {
namespace {

using arasta::testing::RestFiles;
using arasta::testing::RestTable;
using arasta::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

// What becomes of two methods with these rules.
absl::Status BuildWith(const std::string& first, const std::string& second = "get: '/other'") {
  constexpr char kFile[] = R"pb(
    file {
      name: "shop.proto"
      package: "shop.v1"
      dependency: "google/api/annotations.proto"
      message_type {
        name: "Message"
        field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
        field { name: "names" number: 2 type: TYPE_STRING label: LABEL_REPEATED }
        field {
          name: "inner"
          number: 3
          type: TYPE_MESSAGE
          type_name: ".shop.v1.Message"
          label: LABEL_OPTIONAL
        }
      }
      service {
        name: "Shop"
        method {
          name: "First"
          input_type: ".shop.v1.Message"
          output_type: ".shop.v1.Message"
          options {
            [google.api.http] { $0 }
          }
        }
        method {
          name: "Second"
          input_type: ".shop.v1.Message"
          output_type: ".shop.v1.Message"
          options {
            [google.api.http] { $1 }
          }
        }
      }
    })pb";
  google::protobuf::FileDescriptorSet files = RestFiles();
  google::protobuf::FileDescriptorSet shop;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(absl::Substitute(kFile, first, second), &shop));
  files.MergeFrom(shop);
  return RouteTable::Build(files, {{"/shop.v1.", "shop", options::v1::Access::PUBLIC}}, {"shop"}, 1000)
      .status();
}

TEST(RestRoutesTest, ServesEveryBinding) {
  const RestRoutes& rest = RestTable().rest();
  EXPECT_EQ(rest.bindings().size(), 14u);
  const PathMatch match = rest.Find("REPORT", "/v1/things");
  ASSERT_TRUE(match.rule);
  EXPECT_EQ(rest.bindings()[*match.rule].method->path, "/arasta.testing.v1.RestService/CreateThing");
}

TEST(RestRoutesTest, TakesGoodRules) {
  for (const char* rule :
       {"get: '/'", "get: '/{name}'", "get: '/{inner.inner.name=a/**}'", "post: '/a' body: '*'",
        "post: '/a' body: 'inner'", "post: '/a' body: 'names'", "put: '/a' body: 'inner.names'",
        "get: '/a' response_body: 'names'", "custom { kind: '*' path: '/a' }",
        "get: '/a' additional_bindings { get: '/b' }"}) {
    EXPECT_TRUE(BuildWith(rule).ok()) << rule << ": " << BuildWith(rule);
  }
}

TEST(RestRoutesTest, NamesTheMethodWhoseRuleIsWrong) {
  for (const char* rule :
       {"", "get: ''", "get: 'a'", "get: '/a/'", "get: '/{nothing}'", "get: '/{name.x}'", "get: '/{names}'",
        "get: '/{inner}'", "get: '/{name}/{name}'", "post: '/a' body: 'nothing'",
        "post: '/a' body: 'names.x'", "get: '/a' response_body: 'nothing'",
        "get: '/a' response_body: 'inner.name'", "custom { kind: '' path: '/a' }",
        "get: '/a' additional_bindings { get: '/{nothing}' }"}) {
    EXPECT_THAT(BuildWith(rule),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shop.v1.Shop.First")))
        << rule;
  }
}

TEST(RestRoutesTest, NamesBothMethodsWhoseRulesAreForTheSame) {
  const auto names_both = AllOf(HasSubstr("shop.v1.Shop.First"), HasSubstr("shop.v1.Shop.Second"));
  EXPECT_THAT(BuildWith("get: '/a'", "get: '/a'"), StatusIs(absl::StatusCode::kInvalidArgument, names_both));
  EXPECT_THAT(BuildWith("get: '/a/{name}'", "get: '/b' additional_bindings { get: '/a/{inner.name=*}' }"),
              StatusIs(absl::StatusCode::kInvalidArgument, names_both));
  EXPECT_TRUE(BuildWith("get: '/a'", "post: '/a'").ok());
}

TEST(RestRoutesTest, ServesTheShopsContractsWithoutContradictions) {
  const auto contracts = ReadDescriptors(GATEWAY_CONTRACTS);
  ASSERT_TRUE(contracts.ok());
  const auto table = RouteTable::Build(*contracts, {{"/arasta.", "shop"}}, {"shop"}, 1000);
  ASSERT_TRUE(table.ok()) << table.status();
  std::set<const Method*> reachable;
  for (const RestBinding& binding : table->rest().bindings()) reachable.insert(binding.method);
  for (const auto& method : table->methods()) {
    EXPECT_TRUE(reachable.count(method.get()) > 0) << method->path << " can't be reached over REST";
  }
}

}  // namespace
}  // namespace arasta::gateway
