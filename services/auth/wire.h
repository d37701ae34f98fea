// Our types as the contract writes them.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"
#include "arasta/auth/v1/auth_internal_service.pb.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "arasta/auth/v1/user.pb.h"
#include "common/auth/jwks.h"
#include "services/auth/session_store.h"
#include "services/auth/user.h"

namespace arasta::auth {

google::protobuf::Timestamp ToProto(absl::Time time);
v1::User ToProto(const User& user);
v1::Jwks ToProto(const KeySet& keys);
// `current` is the name of the caller's own session.
v1::Session ToProto(const ListedSession& session, const std::string& current);
v1::Contact ToContact(const User& user);

}  // namespace arasta::auth
