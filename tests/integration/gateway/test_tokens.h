// Access tokens as auth gives them, and the keys that prove them.
#pragma once

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "common/auth/token_signer.h"

namespace arasta::gateway {

class TestTokens {
 public:
  // `subject` is "users/…" or "guests/…".
  std::string For(const std::string& subject, const std::vector<std::string>& permissions = {}) const {
    auth::Claims claims;
    claims.subject = subject;
    claims.session = "0190b4f0-0000-7000-8000-000000000000";
    claims.permissions = permissions;
    claims.issue_time = claims.authenticated_time = absl::Now();
    claims.expire_time = absl::Now() + absl::Minutes(5);
    return signer_.Sign(claims);
  }

  auth::v1::Jwks Keys() const {
    auth::KeySet keys;
    keys.Add(signer_.key().id(), signer_.key().public_key());
    auth::v1::Jwks jwks;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(keys.ToJson(), &jwks).ok());
    return jwks;
  }

 private:
  const auth::TokenSigner signer_{auth::SigningKey::Generate(), "arasta"};
};

}  // namespace arasta::gateway
