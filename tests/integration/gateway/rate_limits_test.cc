// Too many calls, as clients of each protocol are told of them; whom a call is charged to; and several
// gateways that count together.
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/rate_sharing.h"
#include "tests/integration/gateway/built_files.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/integration/gateway/test_tokens.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/redis.h"

namespace arasta::gateway {
namespace {

using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kEmptyCall[] = "/grpc.testing.TestService/EmptyCall";
constexpr char kHealth[] = "/grpc.health.v1.Health/Check";
constexpr char kMe[] = "/arasta.auth.v1.AuthService/GetMe";
constexpr char kJwks[] = "/arasta.auth.v1.AuthService/GetJwks";
constexpr char kAlice[] = "users/0190b4f0-0000-7000-8000-000000000001";
constexpr char kBob[] = "users/0190b4f0-0000-7000-8000-000000000002";

// Buckets hold three tokens, and next to nothing comes in while a test runs.
class RateLimitsTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    ASSERT_THAT(ApplyRateLimits(limits_, config.rates), IsOk());
    config.routes[0].default_rate_class = options::v1::RATE_CLASS_READ;
    config.descriptors.push_back(kContracts);
    config.backends.push_back({"auth", config.backends[0].addresses, false, "auth"});
    config.routes.push_back({"/arasta.auth.v1.", "auth"});
    config.issuer = "arasta";
    config.trusted_proxies = proxies_;
    backend_->auth().SetKeys(tokens_.Keys());
  }

  Http2Answer Call(const std::string& path, const Http2Client::Fields& fields = {}) {
    Http2Client client(port());
    return client.Await(client.Send(path, GrpcFrame(""), fields));
  }
  std::string StatusOf(const std::string& path, const Http2Client::Fields& fields = {}) {
    return Call(path, fields).Field("grpc-status");
  }
  Http2Client::Fields As(const std::string& principal) const {
    return {{"authorization", "Bearer " + tokens_.For(principal)}};
  }

  const TestTokens tokens_;
  std::string limits_ = "read=3/h:3";
  std::vector<std::string> proxies_;
};

TEST_F(RateLimitsTest, TellsRestClientsOnceWhenToComeAgain) {
  HttpResponse answer;
  for (int i = 0; i < 4; ++i) {
    answer = Fetch({absl::StrCat("http://", address(), "/v1/me"),
                    "GET",
                    {absl::StrCat("authorization: Bearer ", tokens_.For(kAlice))}});
  }
  EXPECT_EQ(answer.status, 429);
  EXPECT_THAT(answer.body, HasSubstr("RetryInfo"));
  EXPECT_EQ(answer.head.count("retry-after"), 1u);
}

TEST_F(RateLimitsTest, TellsGrpcClientsWhenToComeAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(StatusOf(kEmptyCall), "0");
  const Http2Answer refused = Call(kEmptyCall);
  EXPECT_EQ(refused.Field("grpc-status"), "8");
  EXPECT_EQ(refused.Field("retry-after"), "1200");
  EXPECT_EQ(refused.Field("ratelimit-limit"), "3");
  EXPECT_EQ(refused.Field("ratelimit-remaining"), "0");
  EXPECT_EQ(refused.Field("ratelimit-reset"), "3600");
  std::string details;
  ASSERT_TRUE(absl::Base64Unescape(refused.Field("grpc-status-details-bin"), &details));
  EXPECT_THAT(details, HasSubstr("RATE_LIMITED"));
  EXPECT_THAT(details, HasSubstr("google.rpc.RetryInfo"));
  EXPECT_EQ(service().calls, 3);
}

TEST_F(RateLimitsTest, TellsBrowsersInTheHeadOfTheAnswer) {
  const HttpRequest request = {
      .url = absl::StrCat("http://", address(), kEmptyCall),
      .fields = {"content-type: application/grpc-web", "origin: https://shop.example"},
      .body = GrpcFrame("")};
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Fetch(request).body, HasSubstr("grpc-status:0"));
  const HttpResponse refused = Fetch(request);
  EXPECT_THAT(refused.body, HasSubstr("grpc-status:8"));
  EXPECT_EQ(refused.Field("retry-after"), "1200");
  EXPECT_EQ(refused.Field("ratelimit-limit"), "3");
  EXPECT_THAT(refused.Field("access-control-expose-headers"), HasSubstr("retry-after"));
  EXPECT_EQ(refused.Field("access-control-allow-origin"), "https://shop.example");
}

TEST_F(RateLimitsTest, IsTooManyRequestsInHttp) {
  const HttpRequest request = {.url = absl::StrCat("http://", address(), kEmptyCall),
                               .fields = {"content-type: application/proto"}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Fetch(request).status, 200);
  const HttpResponse refused = Fetch(request);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Field("retry-after"), "1200");
  EXPECT_EQ(refused.Field("ratelimit-remaining"), "0");
  EXPECT_THAT(refused.body, HasSubstr("resource_exhausted"));
}

TEST_F(RateLimitsTest, ChargesPrincipalsApart) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(StatusOf(kMe, As(kAlice)), "0");
  EXPECT_EQ(StatusOf(kMe, As(kAlice)), "8");
  EXPECT_EQ(StatusOf(kMe, As(kBob)), "0");
  EXPECT_EQ(StatusOf(kEmptyCall), "0") << "an address without a principal is somebody else";
}

TEST_F(RateLimitsTest, NeverLimitsHealthAndKeys) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(StatusOf(kHealth), "0");
    EXPECT_EQ(StatusOf(kJwks), "0");
  }
}

class AddressLimitTest : public RateLimitsTest {
 protected:
  AddressLimitTest() { limits_ = "address=3/h:3"; }
};

// Tokens are not even looked at: to verify a bad one costs more than anything else here.
TEST_F(AddressLimitTest, ChargesAllCallsOfAnAddressWhateverTheirToken) {
  EXPECT_EQ(StatusOf(kMe, As(kAlice)), "0");
  EXPECT_EQ(StatusOf(kMe, {{"authorization", "Bearer nonsense"}}), "16");
  EXPECT_EQ(StatusOf(kMe, As(kBob)), "0");
  EXPECT_EQ(StatusOf(kMe, {{"authorization", "Bearer nonsense"}}), "8");
  EXPECT_EQ(StatusOf(kEmptyCall), "8");
}

TEST_F(AddressLimitTest, IgnoresWhatClientsSayOfTheirAddress) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(StatusOf(kEmptyCall, {{"x-forwarded-for", absl::StrCat("192.0.2.", i)}}), "0");
  EXPECT_EQ(StatusOf(kEmptyCall, {{"x-forwarded-for", "192.0.2.9"}}), "8");
}

TEST_F(RateLimitsTest, ChangeWithTheConfigurationAndForgiveNothingElse) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(StatusOf(kEmptyCall), "0");
  GatewayConfig config = ConfigFor(backend_->port());
  Adjust(config);
  ASSERT_TRUE(gateway_->Reload(config).ok());
  EXPECT_EQ(StatusOf(kEmptyCall), "8");
  limits_ = "read=5/h:5";
  config = ConfigFor(backend_->port());
  Adjust(config);
  ASSERT_TRUE(gateway_->Reload(config).ok());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(StatusOf(kEmptyCall), "0");
  EXPECT_EQ(StatusOf(kEmptyCall), "8");
}

class ProxiedTest : public AddressLimitTest {
 protected:
  ProxiedTest() { proxies_ = {"127.0.0.0/8"}; }
};

TEST_F(ProxiedTest, ChargesThoseWhoComeThroughATrustedProxy) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(StatusOf(kEmptyCall, {{"x-forwarded-for", "192.0.2.7"}}), "0");
  EXPECT_EQ(StatusOf(kEmptyCall, {{"x-forwarded-for", "192.0.2.7"}}), "8");
  EXPECT_EQ(StatusOf("/grpc.testing.TestService/UnaryCall", {{"x-forwarded-for", "192.0.2.8"}}), "0");
  const auto said = service().last_metadata.find("x-forwarded-for");
  ASSERT_NE(said, service().last_metadata.end());
  EXPECT_EQ(said->second, "192.0.2.8");
}

// Two gateways, exchange by exchange.
class RateSharingTest : public ::testing::Test {
 protected:
  struct Replica {
    Replica(const std::string& redis, const RateLimits& limits)
        : limiter(std::make_shared<RateLimiter>(limits)), sharing({.address = redis, .size = 1}, limiter) {}
    const std::shared_ptr<RateLimiter> limiter;
    RateSharing sharing;
  };

  static RateLimits Limits() {
    RateLimits limits{};
    EXPECT_THAT(ApplyRateLimits("read=5/h:5", limits), IsOk());
    return limits;
  }
  static int TakeAll(Replica& replica, int tries) {
    int allowed = 0;
    for (int i = 0; i < tries; ++i)
      allowed += replica.limiter->Take(options::v1::RATE_CLASS_READ, 7, kNow) == nullptr ? 1 : 0;
    return allowed;
  }

  static constexpr int64_t kNow = 1'000'000'000'000;
  testing::TestRedis redis_;
  Replica one_{redis_.address(), Limits()};
  Replica two_{redis_.address(), Limits()};
};

TEST_F(RateSharingTest, CountsWhatAllOfThemTook) {
  EXPECT_EQ(TakeAll(one_, 3), 3);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), IsOk());
  EXPECT_EQ(TakeAll(two_, 1), 1);
  EXPECT_THAT(two_.sharing.RunOnce(kNow), IsOk());
  EXPECT_EQ(TakeAll(two_, 10), 1);
  EXPECT_THAT(two_.sharing.RunOnce(kNow), IsOk());
  // The first learns of it as soon as it has something to tell: one token too many, made good by waiting.
  EXPECT_EQ(TakeAll(one_, 1), 1);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), IsOk());
  EXPECT_EQ(TakeAll(one_, 10), 0);
  const auto refusal = one_.limiter->Take(options::v1::RATE_CLASS_READ, 7, kNow);
  ASSERT_NE(refusal, nullptr);
  EXPECT_NEAR(absl::ToDoubleSeconds(RetryAfterOf(refusal->status)), 2 * 720, 10);
}

TEST_F(RateSharingTest, LimitsAloneWhileRedisIsAway) {
  EXPECT_EQ(TakeAll(one_, 2), 2);
  redis_.Kill();
  EXPECT_THAT(one_.sharing.RunOnce(kNow), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(TakeAll(one_, 10), 3);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(TakeAll(one_, 10), 0);
  redis_.Start();
  EXPECT_EQ(TakeAll(two_, 1), 1);
  EXPECT_THAT(two_.sharing.RunOnce(kNow), IsOk());
  EXPECT_EQ(TakeAll(two_, 10), 4) << "what could not be told is forgiven";
}

TEST_F(RateSharingTest, GivesUpOnARedisThatDoesNotAnswer) {
  redis::Pool pool({.address = redis_.address(), .size = 1});
  ASSERT_THAT(pool.Command(absl::Now() + absl::Seconds(5), {"CLIENT", "PAUSE", "1000", "WRITE"}), IsOk());
  EXPECT_EQ(TakeAll(one_, 1), 1);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(TakeAll(one_, 10), 4);
}

TEST_F(RateSharingTest, GoesOnWhenRedisHasForgotten) {
  EXPECT_EQ(TakeAll(one_, 4), 4);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), IsOk());
  redis::Pool pool({.address = redis_.address(), .size = 1});
  ASSERT_THAT(pool.Command(absl::Now() + absl::Seconds(5), {"FLUSHALL"}), IsOk());
  EXPECT_EQ(TakeAll(one_, 10), 1);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), IsOk());
  EXPECT_EQ(TakeAll(one_, 10), 0);
}

TEST_F(RateSharingTest, TellsOfTheLimiterThatItWasGivenLast) {
  RateLimits limits = Limits();
  ASSERT_THAT(ApplyRateLimits("read=2/h:2", limits), IsOk());
  const auto next = std::make_shared<RateLimiter>(limits, one_.limiter.get());
  one_.sharing.Share(next);
  EXPECT_EQ(next->Take(options::v1::RATE_CLASS_READ, 7, kNow), nullptr);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), IsOk());
  // Half an hour of the other's bucket, in which a token comes every twelve minutes.
  EXPECT_EQ(TakeAll(two_, 1), 1);
  EXPECT_THAT(two_.sharing.RunOnce(kNow), IsOk());
  EXPECT_EQ(TakeAll(two_, 10), 1);
}

TEST_F(RateSharingTest, LeavesNothingInRedisForLongerThanItMatters) {
  EXPECT_EQ(TakeAll(one_, 2), 2);
  EXPECT_THAT(one_.sharing.RunOnce(kNow), IsOk());
  redis::Pool pool({.address = redis_.address(), .size = 1});
  const auto keys = pool.Command(absl::Now() + absl::Seconds(5), {"KEYS", "*"});
  ASSERT_THAT(keys, IsOk());
  ASSERT_EQ(keys->elements.size(), 1u);
  EXPECT_EQ(keys->elements[0].text, "rate:read:0000000000000007");
  const auto left = pool.Command(absl::Now() + absl::Seconds(5), {"TTL", keys->elements[0].text});
  ASSERT_THAT(left, IsOk());
  EXPECT_NEAR(static_cast<double>(left->integer), 2 * 720, 10);
}

class SharedLimitsTest : public RateLimitsTest {
 protected:
  static constexpr int kBurst = 500;

  void Adjust(GatewayConfig& config) override {
    limits_ = absl::StrCat("read=", kBurst, "/h:", kBurst);
    RateLimitsTest::Adjust(config);
    config.cache_redis = {.address = redis_.address(), .size = 1};
    other_ = std::make_unique<Gateway>(config);
    ASSERT_THAT(other_->Start(), IsOk());
  }

  testing::TestRedis redis_;
  std::unique_ptr<Gateway> other_;
};

// The whole path: what one has admitted, the other refuses long before it has admitted as much itself.
TEST_F(SharedLimitsTest, TwoGatewaysShareOneLimit) {
  Http2Client client(port());
  for (int i = 0; i < kBurst; ++i)
    ASSERT_EQ(client.Await(client.Send(kEmptyCall, GrpcFrame(""))).Field("grpc-status"), "0");
  EXPECT_EQ(StatusOf(kEmptyCall), "8");
  ASSERT_TRUE(arasta::testing::Eventually([&] { return other_->Ready().ok(); }));
  const HttpRequest request = {.url = absl::StrCat("http://", other_->address(), kEmptyCall),
                               .fields = {"content-type: application/grpc-web"},
                               .body = GrpcFrame("")};
  EXPECT_TRUE(arasta::testing::Eventually(
      [&] { return Fetch(request).body.find("grpc-status:8") != std::string::npos; }));
  EXPECT_LT(service().calls, kBurst + kBurst / 2);
}

}  // namespace
}  // namespace arasta::gateway
