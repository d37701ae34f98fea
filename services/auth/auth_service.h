// The use cases of auth: guests, accounts, sessions, keys, contacts.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "arasta/auth/v1/auth_internal_service.pb.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "common/auth/token_verifier.h"
#include "common/base/clock.h"
#include "common/call/call.h"
#include "common/rpc/page_token.h"
#include "google/protobuf/empty.pb.h"
#include "services/auth/attempt_limiter.h"
#include "services/auth/email_address.h"
#include "services/auth/password_hasher.h"
#include "services/auth/refresh_token.h"
#include "services/auth/session_store.h"
#include "services/auth/signing_keys.h"
#include "services/auth/user_store.h"

namespace arasta::auth {

// What the service works with; all of it outlives the service.
struct AuthServiceParts {
  UserStore& users;
  SessionStore& sessions;
  const PasswordHasher& hasher;
  AttemptLimiter& limiter;
  const SigningKeys& keys;
  const RefreshTokenCodec& refresh_tokens;
  const rpc::PageTokens& page_tokens;
  const TokenVerifier& verifier;
  const Clock& clock;
  // Called after the commit of an event, which the relay would otherwise find at its next poll.
  std::function<void()> on_event;
};

// Thread-safe. The statuses are those of the contract. Register and Login hash, so they run on the
// hashing pool, which bounds them; the others on the pool of the database.
class AuthService {
 public:
  AuthService(const AuthServiceParts& parts, const SessionPolicy& policy, std::string default_locale);

  absl::StatusOr<v1::CreateGuestResponse> CreateGuest(const Call& call,
                                                      const v1::CreateGuestRequest& request);
  absl::StatusOr<v1::RegisterResponse> Register(const Call& call, const v1::RegisterRequest& request);
  absl::StatusOr<v1::LoginResponse> Login(const Call& call, const v1::LoginRequest& request);
  absl::StatusOr<v1::RefreshTokenResponse> RefreshToken(const Call& call,
                                                        const v1::RefreshTokenRequest& request);
  absl::StatusOr<google::protobuf::Empty> Logout(const Call& call, const v1::LogoutRequest& request);
  // From memory.
  absl::optional<absl::StatusOr<v1::Jwks>> GetJwks(const Call& call, const v1::GetJwksRequest& request);
  absl::StatusOr<v1::Me> GetMe(const Call& call, const v1::GetMeRequest& request);
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(const Call& call,
                                                        const v1::ListSessionsRequest& request);
  absl::StatusOr<google::protobuf::Empty> RevokeSession(const Call& call,
                                                        const v1::RevokeSessionRequest& request);
  absl::StatusOr<google::protobuf::Empty> RevokeOtherSessions(const Call& call,
                                                              const v1::RevokeOtherSessionsRequest& request);
  absl::StatusOr<v1::Contact> GetContact(const Call& call, const v1::GetContactRequest& request);

 private:
  // The user whose password it is. Exactly one evaluation, whatever the account's state.
  absl::StatusOr<absl::optional<User>> CheckPassword(const Call& call, const EmailAddress& email,
                                                     const std::string& password);
  void StrengthenHash(const Call& call, const Credentials& credentials, const std::string& password);
  // "guests/{uuid}" of a guest's access token; empty for none.
  absl::StatusOr<std::string> GuestOf(const std::string& guest_token) const;
  absl::StatusOr<v1::Tokens> Mint(const Session& session) const;

  const AuthServiceParts parts_;
  const SessionPolicy policy_;
  const std::string default_locale_;
};

}  // namespace arasta::auth
