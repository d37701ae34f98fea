#include <gmock/gmock.h>

#include "services/gateway/config.h"

namespace arasta::gateway {
namespace {

using options::v1::Access;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

GatewayConfig WithShop() {
  GatewayConfig config;
  config.backends = {{"shop", {"h:1"}, false, "shop"}};
  config.routes = {{"/shop.v1.", "shop"}};
  return config;
}

std::vector<std::string> ProblemsOf(const std::string& text) {
  GatewayConfig config = WithShop();
  return ApplyJson(text, config);
}

TEST(ConfigFileTest, AddsWhatItSays) {
  GatewayConfig config;
  config.tls.certificate = "a.crt";
  ASSERT_THAT(ApplyJson(R"({"descriptors": ["a.binpb"],
                            "backends": {"shop": {"addresses": ["h:1", "h:2"], "tls": true, "identity": "store"}},
                            "routes": [{"prefix": "/shop.v1.", "backend": "shop", "default_access": "GUEST",
                                        "default_rate_class": "SEARCH",
                                        "max_request_bytes": 100, "max_deadline_ms": 2000, "max_calls": 7,
                                        "retry_on": ["ABORTED", "UNKNOWN"]}],
                            "limits": {"max_streams": 7, "head_timeout_ms": 50, "max_request_bytes": 9},
                            "webhooks": [{"name": "pay", "method": "/shop.v1.Pay/Take"}],
                            "rate_limits": ["read=1/s:2", "address=off"],
                            "cors": {"origins": ["https://a"], "exposed_headers": ["x"]}})",
                        config),
              IsEmpty());
  ASSERT_EQ(config.backends.size(), 1u);
  EXPECT_EQ(config.backends[0].addresses.size(), 2u);
  EXPECT_EQ(config.backends[0].identity, "store");
  ASSERT_EQ(config.routes.size(), 1u);
  EXPECT_EQ(config.routes[0].default_access, Access::GUEST);
  EXPECT_EQ(config.routes[0].default_rate_class, options::v1::RATE_CLASS_SEARCH);
  EXPECT_EQ(config.routes[0].max_request_bytes, 100u);
  EXPECT_EQ(config.routes[0].max_deadline, absl::Seconds(2));
  EXPECT_EQ(config.routes[0].max_calls, 7u);
  EXPECT_THAT(config.routes[0].retry_on, ElementsAre(absl::StatusCode::kAborted, absl::StatusCode::kUnknown));
  ASSERT_EQ(config.webhooks.size(), 1u);
  EXPECT_EQ(config.webhooks[0].method, "/shop.v1.Pay/Take");
  EXPECT_EQ(config.limits.max_streams, 7u);
  EXPECT_EQ(config.limits.head_timeout_ns, 50'000'000);
  EXPECT_EQ(config.max_request_bytes, 9u);
  EXPECT_THAT(config.cors.origins, ElementsAre("https://a"));
  EXPECT_EQ(config.rates[options::v1::RATE_CLASS_READ], (RateLimit{1'000'000'000, 2}));
}

TEST(ConfigFileTest, SaysARouteOfTheEnvironmentAnew) {
  GatewayConfig config = WithShop();
  ASSERT_THAT(ApplyJson(R"({"routes": [{"prefix": "/shop.v1.", "backend": "shop", "max_request_bytes": 5}]})",
                        config),
              IsEmpty());
  ASSERT_EQ(config.routes.size(), 1u);
  EXPECT_EQ(config.routes[0].max_request_bytes, 5u);
}

TEST(ConfigFileTest, TellsTheLineWhereItIsNoJson) {
  EXPECT_THAT(ProblemsOf("{\n  \"routes\": [\n"), ElementsAre(HasSubstr("line 3")));
  EXPECT_THAT(ProblemsOf(""), ElementsAre(HasSubstr("line 1")));
}

TEST(ConfigFileTest, NamesEveryEntryThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "is no object"},
      {R"({"rotues": []})", "rotues: is not known"},
      {R"({"routes": {}})", "routes: is no list"},
      {R"({"routes": [1]})", "routes[0]: is no object"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop"}, {"prefix": "/b"}]})",
       "routes[1].backend: is needed"},
      {R"({"routes": [{"prefix": "/a", "backend": "none"}]})", "routes[0].backend: there is none named none"},
      {R"({"routes": [{"prefix": "a", "backend": "shop"}]})", "routes[0].prefix: begins with no slash"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop"}, {"prefix": "/a", "backend": "shop"}]})",
       "routes[1].prefix: stands twice"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "default_access": "ALL"}]})",
       "routes[0].default_access: is not PUBLIC"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "default_rate_class": "read"}]})",
       "routes[0].default_rate_class: is not READ"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "max_request_bytes": 0}]})",
       "routes[0].max_request_bytes: is not a whole number from 1 to"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "max_calls": 0}]})",
       "routes[0].max_calls: is not a whole number from 1 to"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "retry_on": ["OK"]}]})",
       "routes[0].retry_on: no code that calls fail with: OK"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "retry_on": ["aborted"]}]})",
       "routes[0].retry_on: no code that calls fail with: aborted"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "max_deadline_ms": 1.5}]})",
       "routes[0].max_deadline_ms: is not a whole number"},
      {R"({"routes": [{"prefix": "/a", "backend": "shop", "max_deadline_ms": 18446744073709551615}]})",
       "routes[0].max_deadline_ms: is not a whole number"},
      {R"({"backends": {"a": {}}})", "backends.a.addresses: is needed"},
      {R"({"backends": {"a": {"addresses": ["h"]}}})", "backends.a.addresses: not host:port: h"},
      {R"({"backends": {"a": {"addresses": [5]}}})", "backends.a.addresses[0]: is no string"},
      {R"({"backends": {"a": {"addresses": ["h:1"], "tls": true}}})",
       "backends.a.tls: needs ARASTA_TLS_CERT"},
      {R"({"backends": {"shop": {"addresses": ["h:1"]}}})",
       "backends.shop.addresses: are in the environment"},
      {R"({"backends": {"a": {"addresses": ["h:1"], "prot": 1}}})", "backends.a.prot: is not known"},
      {R"({"webhooks": [{"name": "a", "method": "/b"}, {"name": "a", "method": "/b"}]})",
       "webhooks[1].name: stands twice"},
      {R"({"webhooks": [{"name": "a"}]})", "webhooks[0].method: is needed"},
      {R"({"cors": {"origin": []}})", "cors.origin: is not known"},
      {R"({"cors": {"origins": ["*"]}})", "cors.origins: no origin: *"},
      {R"({"rate_limits": ["read=1/s:2", "reed=1/s:2"]})", "rate_limits: no rate limit: \"reed=1/s:2\""},
      {R"({"limits": {"max_streams": 0}})", "limits.max_streams: is not a whole number from 1 to 100000"},
      {R"({"cors": {}, "cors": {}})", "cors: stands twice in one object"},
  };
  for (const auto& [text, problem] : cases) {
    EXPECT_THAT(ProblemsOf(text), testing::Contains(StartsWith(problem))) << text;
  }
}

TEST(ConfigFileTest, TellsAllProblemsAtOnce) {
  EXPECT_EQ(ProblemsOf(R"({"a": 1, "routes": [{}, {"prefix": 5}]})").size(), 5u);
}

}  // namespace
}  // namespace arasta::gateway
