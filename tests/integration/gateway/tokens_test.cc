// Who may call what: decided from the contracts and the caller's token, before the backend hears of it.
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/built_files.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/test_tokens.h"

namespace arasta::gateway {
namespace {

class TokensTest : public GatewayTest {
 protected:
  // The backend is auth, and more: its real contracts decide.
  void Adjust(GatewayConfig& config) override {
    config.descriptors.push_back(kContracts);
    config.backends.push_back({"auth", config.backends[0].addresses, false, "auth"});
    config.routes.push_back({"/arasta.auth.v1.", "auth"});
    config.routes.push_back({"/arasta.catalog.v1.", "test"});
    config.issuer = "arasta";
    backend_->auth().SetKeys(tokens_.Keys());
  }

  std::string TokenFor(const std::string& subject, const std::vector<std::string>& permissions = {}) const {
    return tokens_.For(subject, permissions);
  }

  std::string StatusOf(const std::string& path, const std::string& authorization) {
    Http2Client client(port());
    Http2Client::Fields fields;
    if (!authorization.empty()) fields.emplace_back("authorization", authorization);
    return client.Await(client.Send(path, GrpcFrame(""), fields)).Field("grpc-status");
  }

  const std::string kUser = "users/0190b4f0-0000-7000-8000-000000000001";
  const std::string kGuest = "guests/0190b4f0-0000-7000-8000-000000000002";
  const char* const kMe = "/arasta.auth.v1.AuthService/GetMe";
  const char* const kJwks = "/arasta.auth.v1.AuthService/GetJwks";
  const char* const kStaff = "/arasta.catalog.v1.CatalogAdminService/CreateProduct";
  const TestTokens tokens_;
};

TEST_F(TokensTest, LetsEverybodyIntoPublicMethods) {
  EXPECT_EQ(StatusOf(kJwks, ""), "0");
  EXPECT_EQ(StatusOf(kJwks, "Bearer " + TokenFor(kGuest)), "0");
}

TEST_F(TokensTest, RefusesABadTokenEvenForPublicMethods) {
  for (const char* authorization : {"Bearer nonsense", "Basic dXNlcjpw", "Bearer", "nonsense"}) {
    EXPECT_EQ(StatusOf(kJwks, authorization), "16") << authorization;
  }
}

TEST_F(TokensTest, AsksForATokenWhereTheContractDoes) {
  EXPECT_EQ(StatusOf(kMe, ""), "16");
  EXPECT_EQ(StatusOf(kMe, "Bearer " + TokenFor(kGuest)), "0");
  EXPECT_EQ(StatusOf(kMe, "bearer " + TokenFor(kUser)), "0");
  EXPECT_EQ(backend_->auth().calls, 2);
}

TEST_F(TokensTest, AsksStaffForThePermission) {
  EXPECT_EQ(StatusOf(kStaff, ""), "16");
  EXPECT_EQ(StatusOf(kStaff, "Bearer " + TokenFor(kGuest, {"catalog.write"})), "7");
  EXPECT_EQ(StatusOf(kStaff, "Bearer " + TokenFor(kUser)), "7");
  EXPECT_EQ(StatusOf(kStaff, "Bearer " + TokenFor(kUser, {"catalog.read"})), "7");
  // Let through to a backend that has no such service.
  Http2Client client(port());
  const Http2Client::Fields fields = {{"authorization", "Bearer " + TokenFor(kUser, {"catalog.write"})}};
  const Http2Answer& answer = client.Await(client.Send(kStaff, GrpcFrame(""), fields));
  EXPECT_EQ(answer.Field("grpc-status"), "12");
  EXPECT_NE(answer.Field("grpc-message"), "no such method");
}

TEST_F(TokensTest, HidesInternalMethods) {
  const std::string token = "Bearer " + TokenFor(kUser, {"admin", "catalog.write"});
  Http2Client client(port());
  const Http2Answer& answer = client.Await(client.Send("/arasta.catalog.v1.InventoryService/ReserveStock",
                                                       GrpcFrame(""), {{"authorization", token}}));
  EXPECT_EQ(answer.Field("grpc-status"), "12");
  EXPECT_EQ(answer.Field("grpc-message"), "no such method");
  std::string details;
  ASSERT_TRUE(absl::Base64Unescape(answer.Field("grpc-status-details-bin"), &details));
  EXPECT_THAT(details, testing::HasSubstr("UNKNOWN_METHOD"));
}

TEST_F(TokensTest, DoesNotAskForKeysAgainAndAgain) {
  const TestTokens stranger;
  const int before = backend_->auth().fetches;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(StatusOf(kMe, "Bearer " + stranger.For(kUser)), "16");
  EXPECT_EQ(backend_->auth().fetches, before);
}

}  // namespace
}  // namespace arasta::gateway
