// Caller × method: what the contract does not allow is refused.
#include "common/rpc/access.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using auth::Principal;
using options::v1::Access;

Principal OfKind(Principal::Kind kind, std::vector<std::string> permissions = {}) {
  Principal principal;
  principal.kind = kind;
  principal.permissions = std::move(permissions);
  return principal;
}

Method With(Access::Who who, std::vector<std::string> peers = {}, const std::string& permission = "") {
  Method method;
  method.access.set_who(who);
  method.access.set_permission(permission);
  for (const std::string& peer : peers) method.access.add_peers(peer);
  return method;
}

absl::Status Try(const Method& method, Principal principal, absl::string_view peer = "gateway") {
  return Authorise(method, Call::ForTest(std::move(principal), peer));
}

const Principal kNobody = OfKind(Principal::Kind::kNobody);
const Principal kGuest = OfKind(Principal::Kind::kGuest);
const Principal kUser = OfKind(Principal::Kind::kUser);
const Principal kStaff = OfKind(Principal::Kind::kUser, {"catalog.write"});

TEST(AuthoriseTest, TakesEverybodyWhereTheMethodIsPublic) {
  for (const Principal& principal : {kNobody, kGuest, kUser})
    EXPECT_THAT(Try(With(Access::PUBLIC), principal), IsOk());
}

TEST(AuthoriseTest, AsksForTheKindOfPrincipal) {
  EXPECT_THAT(Try(With(Access::GUEST), kNobody), HasReason("TOKEN_REQUIRED"));
  EXPECT_THAT(Try(With(Access::GUEST), kGuest), IsOk());
  EXPECT_THAT(Try(With(Access::GUEST), kUser), IsOk());
  EXPECT_THAT(Try(With(Access::USER), kNobody), HasReason("TOKEN_REQUIRED"));
  EXPECT_THAT(Try(With(Access::USER), kGuest), HasReason("USER_REQUIRED"));
  EXPECT_THAT(Try(With(Access::USER), kUser), IsOk());
}

TEST(AuthoriseTest, AsksStaffForThePermission) {
  const Method method = With(Access::STAFF, {}, "catalog.write");
  EXPECT_THAT(Try(method, kStaff), IsOk());
  EXPECT_THAT(Try(method, kUser), HasReason("PERMISSION_REQUIRED"));
  EXPECT_THAT(Try(method, OfKind(Principal::Kind::kUser, {"catalog.read"})),
              HasReason("PERMISSION_REQUIRED"));
  EXPECT_THAT(Try(method, OfKind(Principal::Kind::kGuest, {"catalog.write"})), HasReason("USER_REQUIRED"));
  EXPECT_THAT(Try(With(Access::STAFF), OfKind(Principal::Kind::kUser, {""})),
              HasReason("PERMISSION_REQUIRED"));
}

TEST(AuthoriseTest, LetsOnlyTheGatewayInUnlessTheContractNamesOthers) {
  EXPECT_THAT(Try(With(Access::PUBLIC), kNobody, "order"), HasReason("PEER_NOT_ALLOWED"));
  EXPECT_THAT(Try(With(Access::PUBLIC), kNobody, ""), HasReason("PEER_NOT_ALLOWED"));
  EXPECT_THAT(Try(With(Access::PUBLIC, {"gateway", "order"}), kNobody, "order"), IsOk());
}

TEST(AuthoriseTest, NeverLetsAUsersTokenAloneIntoAnInternalMethod) {
  const Method method = With(Access::INTERNAL, {"order"});
  EXPECT_THAT(Try(method, kNobody, "order"), IsOk());
  EXPECT_THAT(Try(method, kStaff, "gateway"), HasReason("PEER_NOT_ALLOWED"));
  EXPECT_THAT(Try(method, kNobody, "catalog"), HasReason("PEER_NOT_ALLOWED"));
  EXPECT_THAT(Try(method, kNobody, ""), HasReason("PEER_NOT_ALLOWED"));
  EXPECT_THAT(Try(With(Access::INTERNAL), kNobody, "gateway"), HasReason("PEER_NOT_ALLOWED"))
      << "no peers named";
}

TEST(AuthoriseTest, RefusesWhatTheContractForgot) {
  EXPECT_THAT(Try(With(Access::WHO_UNSPECIFIED), kStaff), HasReason("NO_ACCESS"));
}

}  // namespace
}  // namespace arasta::rpc
