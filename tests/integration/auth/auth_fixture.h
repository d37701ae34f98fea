// The service on a real PostgreSQL and a real Redis, with a clock that stands still, and a small language
// for its tests.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth_migrations.h"
#include "common/events/outbox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/auth/auth_service.h"
#include "tests/support/call.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"
#include "tests/support/redis.h"

namespace arasta::auth {

inline constexpr char kIssuer[] = "https://auth.test";
inline constexpr char kPassword[] = "violet umbrellas at dawn";

inline std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::OutboxMigration());
  return migrations;
}

// The least Argon2id there is: what it protects against is not what is tested here.
inline constexpr HashParameters kSmallHash{8, 1};

// One process of auth, so to say; two of them on one database are two replicas.
struct Replica {
  Replica(testing::TestDatabase& database, redis::Pool& redis, const Clock& clock,
          const SessionPolicy& policy, const HashParameters& parameters = kSmallHash)
      : verifier(kIssuer),
        users(database.pool(), clock),
        sessions(database.pool(), policy, clock),
        hasher(parameters),
        limiter(redis, "limiter key", LimiterPolicy(), clock),
        key_store(database.pool(), KeyPolicy(), clock),
        keys(key_store, SecretBox(DeriveKey("master key", "signing-keys")), kIssuer, KeyPolicy(), clock,
             [this](KeySet set) { verifier.SetKeys(std::move(set)); }),
        refresh_tokens(DeriveKey("master key", "refresh-tokens")),
        page_tokens("page token key"),
        service({users, sessions, hasher, limiter, keys, refresh_tokens, page_tokens, verifier, clock,
                 [this] { ++wakes; }},
                policy, "en") {
    EXPECT_THAT(keys.Refresh(testing::NobodyCall()), testing::IsOk());
  }

  TokenVerifier verifier;
  UserStore users;
  SessionStore sessions;
  PasswordHasher hasher;
  AttemptLimiter limiter;
  SigningKeyStore key_store;
  SigningKeys keys;
  RefreshTokenCodec refresh_tokens;
  rpc::PageTokens page_tokens;
  std::atomic<int> wakes{0};  // of the relay
  AuthService service;
};

class AuthFixture : public ::testing::Test {
 protected:
  AuthFixture() : database_(AllMigrations()), redis_({.address = redis_server_.address(), .size = 16}) {
    Restart();
  }

  // A new process on the same stores.
  void Restart(const HashParameters& parameters = kSmallHash) {
    replica_ = std::make_unique<Replica>(database_, redis_, clock_, policy_, parameters);
  }
  AuthService& service() { return replica_->service; }

  absl::Status Register(const std::string& email, const std::string& password = kPassword) {
    v1::RegisterRequest request;
    request.set_email(email);
    request.set_password(password);
    return service().Register(testing::NobodyCall(), request).status();
  }

  absl::StatusOr<v1::Tokens> Login(const std::string& email, const std::string& password = kPassword,
                                   const std::string& guest_token = "") {
    v1::LoginRequest request;
    request.set_email(email);
    request.set_password(password);
    request.set_guest_token(guest_token);
    const absl::StatusOr<v1::LoginResponse> response = service().Login(testing::NobodyCall(), request);
    if (!response.ok()) return response.status();
    return response->tokens();
  }

  absl::StatusOr<v1::Tokens> Refresh(const std::string& refresh_token) {
    v1::RefreshTokenRequest request;
    request.set_refresh_token(refresh_token);
    const absl::StatusOr<v1::RefreshTokenResponse> response =
        service().RefreshToken(testing::NobodyCall(), request);
    if (!response.ok()) return response.status();
    return response->tokens();
  }

  v1::Tokens RegisteredUser(const std::string& email) {
    EXPECT_THAT(Register(email), testing::IsOk());
    const absl::StatusOr<v1::Tokens> tokens = Login(email);
    EXPECT_THAT(tokens, testing::IsOk());
    return tokens.value_or(v1::Tokens());
  }

  v1::Tokens Guest() {
    return service().CreateGuest(testing::NobodyCall(), v1::CreateGuestRequest())->tokens();
  }

  // The call of whoever holds these tokens.
  Call CallOf(const v1::Tokens& tokens) {
    const absl::StatusOr<Principal> principal =
        replica_->verifier.Verify(tokens.access_token(), clock_.Now());
    EXPECT_THAT(principal, testing::IsOk());
    return Call::ForTest(principal.value_or(Principal()));
  }

  int64_t Rows(const std::string& table_and_condition) {
    return database_.Value<int64_t>("SELECT count(*) FROM " + table_and_condition);
  }
  int64_t Events(const std::string& type) {
    return Rows("outbox WHERE type = 'arasta.auth.v1." + type + "'");
  }
  int64_t CounterOf(const v1::Tokens& tokens) {
    return database_.Value<int64_t>("SELECT counter FROM sessions WHERE 'sessions/' || session_id = '" +
                                    tokens.session() + "'");
  }

  // Runs `work(i)` on `threads` threads at once.
  template <class Work>
  static void AtOnce(int threads, Work work) {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  }

  testing::TestDatabase database_;
  testing::TestRedis redis_server_;
  redis::Pool redis_;
  FakeClock clock_;
  SessionPolicy policy_;
  std::unique_ptr<Replica> replica_;
};

// UNAUTHENTICATED with the one message and reason there is for it.
MATCHER(IsInvalidCredentials, "is the one answer to every failed login") {
  const absl::Status& status = testing::StatusOf(arg);
  *result_listener << status.ToString();
  return absl::IsUnauthenticated(status) && ReasonOf(status) == "INVALID_CREDENTIALS" &&
         status.message() == "wrong e-mail address or password";
}

MATCHER(IsInvalidRefreshToken, "is the one answer to every failed refresh") {
  const absl::Status& status = testing::StatusOf(arg);
  *result_listener << status.ToString();
  return absl::IsUnauthenticated(status) && ReasonOf(status) == "INVALID_REFRESH_TOKEN" &&
         status.message() == "log in again";
}

}  // namespace arasta::auth
