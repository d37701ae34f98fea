#include "services/gateway/trusted_proxies.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/matchers.h"

namespace arasta::gateway {
namespace {

using ::arasta::testing::StatusIs;
using ::testing::HasSubstr;

struct Row {
  std::string peer;
  std::vector<std::string> forwarded_for;
  std::string client;
};

TEST(TrustedProxiesTest, BelievesAsFarAsThoseWhoSayItAreTrusted) {
  const auto proxies = TrustedProxies::Parse({"10.0.0.0/8", "192.0.2.7", "fd00::/9", "172.16.0.0/12"});
  ASSERT_TRUE(proxies.ok()) << proxies.status();
  const std::vector<Row> rows = {
      {"198.51.100.1", {"203.0.113.1"}, "198.51.100.1"},
      {"10.1.2.3", {"203.0.113.1"}, "203.0.113.1"},
      {"192.0.2.7", {"203.0.113.1"}, "203.0.113.1"},
      {"192.0.2.8", {"203.0.113.1"}, "192.0.2.8"},
      {"::ffff:10.1.2.3", {"203.0.113.1"}, "203.0.113.1"},
      {"fd00::1", {"2001:db8::1"}, "2001:db8::1"},
      {"fd80::1", {"2001:db8::1"}, "fd80::1"},
      {"172.31.0.1", {"203.0.113.1"}, "203.0.113.1"},
      {"172.32.0.1", {"203.0.113.1"}, "172.32.0.1"},
      // What the client claims before the first that is not ours.
      {"10.1.2.3", {"203.0.113.9, 198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
      {"10.1.2.3", {"203.0.113.9", "198.51.100.1 ,10.9.9.9"}, "198.51.100.1"},
      // All of them ours; none; nonsense.
      {"10.1.2.3", {"10.0.0.1, 10.0.0.2"}, "10.0.0.1"},
      {"10.1.2.3", {}, "10.1.2.3"},
      {"10.1.2.3", {"unknown"}, "10.1.2.3"},
      {"10.1.2.3", {"203.0.113.1, 1.2.3.4:80, 10.0.0.2"}, "10.0.0.2"},
      {"10.1.2.3", {""}, "10.1.2.3"},
  };
  for (const Row& row : rows) {
    HeaderBlock fields;
    fields.Add("forwarded", "for=203.0.113.77");
    for (const std::string& value : row.forwarded_for) fields.Add("x-forwarded-for", value);
    EXPECT_EQ(proxies->ClientOf(row.peer, fields), row.client) << row.peer;
  }
}

TEST(TrustedProxiesTest, TrustsNobodyUnlessTold) {
  HeaderBlock fields;
  fields.Add("x-forwarded-for", "203.0.113.1");
  EXPECT_EQ(TrustedProxies().ClientOf("127.0.0.1", fields), "127.0.0.1");
}

TEST(TrustedProxiesTest, RefusesWhatIsNoNetwork) {
  for (const char* text : {"10.0.0.0/33", "fd00::/129", "10.0.0/8", "proxy.example", "10.0.0.0/", "/8", ""}) {
    EXPECT_THAT(TrustedProxies::Parse({text}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  }
}

}  // namespace
}  // namespace arasta::gateway
