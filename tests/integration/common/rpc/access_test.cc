// Caller × method over the wire, and keys that are fetched when a token names an unknown one.
#include "common/rpc/status.h"
#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;

class RpcAccessTest : public EchoTest {
 protected:
  using EchoMethod = grpc::Status (EchoService::Stub::*)(grpc::ClientContext*, const EchoRequest&,
                                                         EchoResponse*);

  absl::Status Try(EchoMethod method, const std::string& token, const std::string& peer = "gateway") {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    context.AddMetadata("x-arasta-peer", peer);
    EchoResponse response;
    return FromGrpc((stub().*method)(&context, Request("tea"), &response));
  }
};

TEST_F(RpcAccessTest, AsksEachMethodsContract) {
  Start();
  const std::string guest = TokenFor(kVisitor), user = TokenFor(kAlice),
                    staff = TokenFor(kAlice, {"echo.write"});
  EXPECT_THAT(Try(&EchoService::Stub::Echo, ""), IsOk());
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsGuest, ""), HasReason("TOKEN_REQUIRED"));
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsGuest, guest), IsOk());
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsUser, guest), HasReason("USER_REQUIRED"));
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsUser, user), IsOk());
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsStaff, user), HasReason("PERMISSION_REQUIRED"));
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsStaff, staff), IsOk());
  EXPECT_THAT(Try(&EchoService::Stub::EchoInternally, staff), HasReason("PEER_NOT_ALLOWED"));
  EXPECT_THAT(Try(&EchoService::Stub::EchoInternally, "", "order"), IsOk());
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsUser, user, "order"), HasReason("PEER_NOT_ALLOWED"));
  EXPECT_THAT(Try(&EchoService::Stub::EchoWithoutAccess, staff), HasReason("NO_ACCESS"));
}

TEST_F(RpcAccessTest, RefusesABadTokenAlsoWhereNoneIsNeeded) {
  Start();
  EXPECT_THAT(Try(&EchoService::Stub::Echo, "nonsense"),
              StatusIs(absl::StatusCode::kUnauthenticated, "the access token is not valid"));
  EXPECT_THAT(Try(&EchoService::Stub::Echo, TokenFor(kAlice) + "x"), HasReason("INVALID_TOKEN"));
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Basic YWxpY2U6aHVudGVyMg==");
  EchoResponse response;
  EXPECT_THAT(FromGrpc(stub().Echo(&context, Request("tea"), &response)), HasReason("INVALID_TOKEN"));
}

TEST_F(RpcAccessTest, FetchesAnUnknownKeyOnAWorkerAndGoesOn) {
  const auth::TokenSigner rotated(auth::SigningKey::Generate(), "arasta");
  std::atomic<int> fetches{0};
  ServerOptions options;
  options.refresh_keys = [&] {
    ++fetches;
    auth::KeySet keys;
    keys.Add(rotated.key().id(), rotated.key().public_key());
    verifier_.SetKeys(keys);
    return absl::OkStatus();
  };
  Start(std::move(options));
  const absl::Time now = absl::Now();
  const auto token = [&](const auth::TokenSigner& signer) {
    return signer.Sign({.subject = kAlice,
                        .issue_time = now,
                        .expire_time = now + absl::Minutes(1),
                        .authenticated_time = now});
  };
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsUser, token(rotated)), IsOk());
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsUser, token(rotated)), IsOk());
  EXPECT_EQ(fetches, 1);
  const auth::TokenSigner stranger(auth::SigningKey::Generate(), "arasta");
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsUser, token(stranger)), HasReason("INVALID_TOKEN"));
  EXPECT_EQ(fetches, 2);
}

TEST_F(RpcAccessTest, SaysUnavailableWhereTheKeysCantBeHad) {
  ServerOptions options;
  options.refresh_keys = [] {
    return Error(absl::StatusCode::kUnavailable, "TOKEN_KEYS_UNAVAILABLE", "not now");
  };
  Start(std::move(options));
  verifier_.SetKeys({});
  EXPECT_THAT(Try(&EchoService::Stub::EchoAsUser, TokenFor(kAlice)), HasReason("TOKEN_KEYS_UNAVAILABLE"));
}

}  // namespace
}  // namespace arasta::rpc
