#include "services/auth/auth_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "services/auth/password.h"
#include "services/auth/unicode.h"
#include "services/auth/wire.h"

namespace arasta::auth {
namespace {

// One text for every cause: it must not tell which.
absl::Status InvalidCredentials() {
  return Error(absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS", "wrong e-mail address or password");
}

absl::Status InvalidRefreshToken() {
  return Error(absl::StatusCode::kUnauthenticated, "INVALID_REFRESH_TOKEN", "log in again");
}

// The words an attacker would try first: the shop's name and the owner's own.
std::vector<std::string> GuessableWords(const EmailAddress& email, absl::string_view display_name) {
  std::vector<std::string> words = {"arasta", email.key};
  for (absl::string_view text : {absl::string_view(email.key), display_name}) {
    for (absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" .@+-_"), absl::SkipEmpty())) {
      if (word.size() >= 3) words.push_back(FoldCase(word));
    }
  }
  return words;
}

absl::StatusOr<std::string> CheckDisplayName(absl::string_view text) {
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); });
  if (control) return InvalidField("display_name", "contains control characters");
  return Nfc(absl::StripAsciiWhitespace(text));
}

absl::StatusOr<Uuid> CallingUser(const Call& call) {
  const absl::optional<Uuid> user = UserIdFromName(call.principal().name);
  if (!user) return Error(absl::StatusCode::kPermissionDenied, "NOT_A_USER", "log in first");
  return *user;
}

constexpr int kDefaultPage = 20;
constexpr int kLargestPage = 100;

// The cursor of a session list: "<create time in Unix microseconds>/<uuid>".
std::string CursorAfter(const ListedSession& session) {
  return absl::StrCat(absl::ToUnixMicros(session.create_time), "/", session.id.ToString());
}

// Nullopt for the first page. The page token's MAC vouches for the form.
absl::optional<SessionPosition> PositionFromCursor(absl::string_view cursor) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(cursor, '/');
  int64_t micros;
  const absl::optional<Uuid> id = Uuid::Parse(parts.second);
  if (!id || !absl::SimpleAtoi(parts.first, &micros)) return absl::nullopt;
  return SessionPosition{absl::FromUnixMicros(micros), *id};
}

}  // namespace

AuthService::AuthService(const AuthServiceParts& parts, const SessionPolicy& policy,
                         std::string default_locale)
    : parts_(parts), policy_(policy), default_locale_(std::move(default_locale)) {}

absl::StatusOr<v1::CreateGuestResponse> AuthService::CreateGuest(const Call& call,
                                                                 const v1::CreateGuestRequest&) {
  ASSIGN_OR_RETURN(const Session session, parts_.sessions.CreateForGuest(call));
  v1::CreateGuestResponse response;
  ASSIGN_OR_RETURN(*response.mutable_tokens(), Mint(session));
  return response;
}

absl::StatusOr<v1::RegisterResponse> AuthService::Register(const Call& call,
                                                           const v1::RegisterRequest& request) {
  NewUser user;
  ASSIGN_OR_RETURN(user.email, ParseEmailAddress(request.email()));
  ASSIGN_OR_RETURN(user.display_name, CheckDisplayName(request.display_name()));
  ASSIGN_OR_RETURN(const std::string password, NormalizePassword(request.password()));
  RETURN_IF_ERROR(CheckPasswordPolicy(password, GuessableWords(user.email, user.display_name)));
  user.locale = request.locale().empty() ? default_locale_ : request.locale();
  RETURN_IF_ERROR(parts_.limiter.CountRegistration(call, user.email.key));
  ASSIGN_OR_RETURN(user.password_hash, parts_.hasher.Hash(password));
  RETURN_IF_ERROR(parts_.users.Register(call, user));
  parts_.on_event();
  return v1::RegisterResponse();
}

absl::StatusOr<v1::LoginResponse> AuthService::Login(const Call& call, const v1::LoginRequest& request) {
  ASSIGN_OR_RETURN(const EmailAddress email, ParseEmailAddress(request.email()));
  ASSIGN_OR_RETURN(const std::string password, NormalizePassword(request.password()));
  ASSIGN_OR_RETURN(const std::string guest, GuestOf(request.guest_token()));

  ASSIGN_OR_RETURN(absl::optional<LoginAttempt> attempt, parts_.limiter.BeginLogin(call, email.key));
  if (!attempt) return InvalidCredentials();
  ASSIGN_OR_RETURN(const absl::optional<User> user, CheckPassword(call, email, password));
  if (!user) {
    attempt->Fail();
    return InvalidCredentials();
  }
  attempt->Succeed();

  absl::StatusOr<Session> session = parts_.sessions.CreateForUser(call, *user, guest);
  if (absl::IsUnauthenticated(session.status())) return InvalidCredentials();
  RETURN_IF_ERROR(session.status());
  v1::LoginResponse response;
  ASSIGN_OR_RETURN(*response.mutable_tokens(), Mint(*session));
  return response;
}

absl::StatusOr<absl::optional<User>> AuthService::CheckPassword(const Call& call, const EmailAddress& email,
                                                                const std::string& password) {
  ASSIGN_OR_RETURN(const absl::optional<Credentials> found, parts_.users.FindCredentials(call, email.key));
  bool matches = false;
  if (found) {
    matches = parts_.hasher.Verify(found->password_hash, password);
  } else {
    parts_.hasher.VerifyDummy(password);
  }
  if (!matches || found->user.disabled) {
    const std::string subject = found ? UserName(found->user.id) : parts_.limiter.PseudonymOf(email.key);
    RETURN_IF_ERROR(parts_.users.NoteLoginFailure(call, subject));
    return absl::optional<User>();
  }
  if (parts_.hasher.NeedsRehash(found->password_hash)) StrengthenHash(call, *found, password);
  return absl::optional<User>(found->user);
}

// Never fails the login: the next one will try again.
void AuthService::StrengthenHash(const Call& call, const Credentials& credentials,
                                 const std::string& password) {
  const absl::StatusOr<std::string> hash = parts_.hasher.Hash(password);
  absl::Status status = hash.status();
  if (hash.ok()) {
    status = parts_.users.ReplaceHash(call, credentials.user.id, credentials.password_hash, *hash);
  }
  if (!status.ok())
    log::Warning("password not rehashed",
                 {{"user", UserName(credentials.user.id)}, {"error", status.ToString()}});
}

absl::StatusOr<std::string> AuthService::GuestOf(const std::string& guest_token) const {
  if (guest_token.empty()) return std::string();
  const absl::StatusOr<Principal> guest = parts_.verifier.Verify(guest_token, parts_.clock.Now());
  if (!guest.ok() || guest->kind != Principal::Kind::kGuest) {
    return InvalidField("guest_token", "is not a valid guest's access token", "INVALID_GUEST_TOKEN");
  }
  return guest->name;
}

absl::StatusOr<v1::RefreshTokenResponse> AuthService::RefreshToken(const Call& call,
                                                                   const v1::RefreshTokenRequest& request) {
  const absl::optional<auth::RefreshToken> token = parts_.refresh_tokens.Decode(request.refresh_token());
  if (!token) return InvalidRefreshToken();
  ASSIGN_OR_RETURN(const Refreshed refreshed, parts_.sessions.Refresh(call, *token));
  if (refreshed.rotation != Rotation::kStep && refreshed.rotation != Rotation::kRepeat) {
    if (refreshed.rotation == Rotation::kReuse) parts_.on_event();
    return InvalidRefreshToken();
  }
  v1::RefreshTokenResponse response;
  ASSIGN_OR_RETURN(*response.mutable_tokens(), Mint(refreshed.session));
  return response;
}

absl::StatusOr<v1::Tokens> AuthService::Mint(const Session& session) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<const TokenSigner> signer, parts_.keys.Current());
  Claims claims;
  claims.subject = session.principal;
  claims.session = SessionName(session.id);
  claims.guest = session.guest;
  claims.permissions = session.permissions;
  claims.issue_time = parts_.clock.Now();
  claims.expire_time = std::min(claims.issue_time + policy_.access_token_life, session.state.expire_time);
  claims.authenticated_time = session.authenticate_time;

  v1::Tokens tokens;
  tokens.set_access_token(signer->Sign(claims));
  *tokens.mutable_access_expire_time() = ToProto(claims.expire_time);
  tokens.set_refresh_token(parts_.refresh_tokens.Encode({session.id, session.state.counter}));
  *tokens.mutable_refresh_expire_time() = ToProto(RefreshExpireTime(session.state, policy_));
  tokens.set_principal(session.principal);
  tokens.set_session(claims.session);
  return tokens;
}

absl::StatusOr<google::protobuf::Empty> AuthService::Logout(const Call& call, const v1::LogoutRequest&) {
  const absl::optional<Uuid> session = SessionIdFromName(call.principal().session);
  if (!session) return google::protobuf::Empty();
  const absl::Status status =
      parts_.sessions.Revoke(call, *session, call.principal().name, v1::SessionRevoked::REASON_LOGOUT);
  // Gone altogether is as good as ended.
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  parts_.on_event();
  return google::protobuf::Empty();
}

absl::optional<absl::StatusOr<v1::Jwks>> AuthService::GetJwks(const Call&, const v1::GetJwksRequest&) {
  return absl::StatusOr<v1::Jwks>(ToProto(parts_.keys.Published()));
}

absl::StatusOr<v1::Me> AuthService::GetMe(const Call& call, const v1::GetMeRequest&) {
  const Principal& principal = call.principal();
  v1::Me me;
  me.set_name(principal.name);
  me.set_guest(principal.guest);
  me.set_session(principal.session);
  *me.mutable_authenticate_time() = ToProto(principal.authenticated_time);
  *me.mutable_expire_time() = ToProto(principal.expire_time);
  if (const absl::optional<Uuid> id = UserIdFromName(principal.name)) {
    ASSIGN_OR_RETURN(const User user, parts_.users.Get(call, *id));
    *me.mutable_user() = ToProto(user);
  }
  return me;
}

absl::StatusOr<v1::ListSessionsResponse> AuthService::ListSessions(const Call& call,
                                                                   const v1::ListSessionsRequest& request) {
  ASSIGN_OR_RETURN(const Uuid user, CallingUser(call));
  // Another user's page token is no use: the fingerprint has the caller in it.
  const std::string fingerprint = absl::StrCat(rpc::FingerprintOf(request), call.principal().name);
  ASSIGN_OR_RETURN(const std::string cursor, parts_.page_tokens.Decode(request.page_token(), fingerprint));
  const int size = request.page_size() == 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
  // One more than asked for tells whether there is a next page.
  ASSIGN_OR_RETURN(std::vector<ListedSession> sessions,
                   parts_.sessions.List(call, user, PositionFromCursor(cursor), size + 1));
  v1::ListSessionsResponse response;
  if (sessions.size() > static_cast<size_t>(size)) {
    sessions.resize(size);
    response.set_next_page_token(parts_.page_tokens.Encode(CursorAfter(sessions.back()), fingerprint));
  }
  for (const ListedSession& session : sessions) {
    *response.add_sessions() = ToProto(session, call.principal().session);
  }
  return response;
}

absl::StatusOr<google::protobuf::Empty> AuthService::RevokeSession(const Call& call,
                                                                   const v1::RevokeSessionRequest& request) {
  const absl::optional<Uuid> session = SessionIdFromName(request.name());
  if (!session) return InvalidField("name", "is not sessions/{uuid}");
  RETURN_IF_ERROR(
      parts_.sessions.Revoke(call, *session, call.principal().name, v1::SessionRevoked::REASON_OWNER));
  parts_.on_event();
  return google::protobuf::Empty();
}

absl::StatusOr<google::protobuf::Empty> AuthService::RevokeOtherSessions(
    const Call& call, const v1::RevokeOtherSessionsRequest&) {
  ASSIGN_OR_RETURN(const Uuid user, CallingUser(call));
  const Uuid kept = SessionIdFromName(call.principal().session).value_or(Uuid());
  RETURN_IF_ERROR(parts_.sessions.RevokeOthers(call, user, kept));
  parts_.on_event();
  return google::protobuf::Empty();
}

absl::StatusOr<v1::Contact> AuthService::GetContact(const Call& call, const v1::GetContactRequest& request) {
  const absl::optional<Uuid> id = UserIdFromName(request.name());
  if (!id) return InvalidField("name", "is not users/{uuid}");
  ASSIGN_OR_RETURN(const User user, parts_.users.Get(call, *id));
  return ToContact(user);
}

}  // namespace arasta::auth
