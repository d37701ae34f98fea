#include "common/rpc/access.h"

#include <algorithm>

#include "common/base/errors.h"

namespace arasta::rpc {
namespace {

using auth::Principal;
using options::v1::Access;

constexpr absl::string_view kGateway = "gateway";

absl::Status Denied(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kPermissionDenied, reason, message);
}

bool MayReach(const Method& method, absl::string_view peer) {
  if (method.any_peer) return true;
  const auto& peers = method.access.peers();
  if (peers.empty()) return method.access.who() != Access::INTERNAL && peer == kGateway;
  return !peer.empty() && std::find(peers.begin(), peers.end(), peer) != peers.end();
}

}  // namespace

absl::Status Authorise(const Method& method, const Call& call) {
  const Principal::Kind kind = call.principal().kind;
  if (!MayReach(method, call.peer()))
    return Denied("PEER_NOT_ALLOWED", "this process may not call this method");
  switch (method.access.who()) {
    case Access::PUBLIC:
    case Access::INTERNAL:
      return absl::OkStatus();
    case Access::GUEST:
    case Access::USER:
    case Access::STAFF:
      break;
    default:
      return Denied("NO_ACCESS", "nobody may call this method");
  }
  if (kind == Principal::Kind::kNobody) {
    return Error(absl::StatusCode::kUnauthenticated, "TOKEN_REQUIRED", "an access token is required");
  }
  if (method.access.who() == Access::GUEST) return absl::OkStatus();
  if (kind != Principal::Kind::kUser)
    return Denied("USER_REQUIRED", "only a logged-in user may call this method");
  if (method.access.who() == Access::USER) return absl::OkStatus();
  // A permission that the contract forgot to name is one that nobody has.
  if (method.access.permission().empty() || !call.principal().Has(method.access.permission())) {
    return Denied("PERMISSION_REQUIRED", "a permission is missing");
  }
  return absl::OkStatus();
}

}  // namespace arasta::rpc
