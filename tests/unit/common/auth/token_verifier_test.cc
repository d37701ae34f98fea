// Feature 2 of auth: what is refused, always with the same words. Forgeries are made from real keys.
#include "common/auth/token_verifier.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/auth/base64url.h"
#include "common/auth/token_signer.h"
#include "common/base/hash.h"
#include "tests/support/matchers.h"

namespace arasta::auth {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using nlohmann::json;

constexpr char kUser[] = "users/0190a8f0-0000-7000-8000-000000000001";
constexpr char kGuest[] = "guests/0190a8f0-0000-7000-8000-000000000002";
const absl::Time kNow = absl::FromUnixSeconds(1'900'000'000);

class TokenVerifierTest : public ::testing::Test {
 protected:
  TokenVerifierTest() { verifier_.SetKeys(Keys(signer_.key())); }

  static KeySet Keys(const SigningKey& key) {
    KeySet keys;
    keys.Add(key.id(), key.public_key());
    return keys;
  }

  static Claims GoodClaims() {
    return {.subject = kUser,
            .session = "session-1",
            .guest = kGuest,
            .permissions = {"catalog.write"},
            .issue_time = kNow,
            .expire_time = kNow + absl::Minutes(10),
            .authenticated_time = kNow - absl::Minutes(1)};
  }

  json GoodHeader() const { return {{"alg", "ES256"}, {"typ", "at+jwt"}, {"kid", signer_.key().id()}}; }
  static json GoodPayload() {
    const int64_t now = absl::ToUnixSeconds(kNow);
    return {{"iss", "arasta"}, {"aud", "arasta"},  {"sub", kUser},
            {"iat", now},      {"exp", now + 600}, {"auth_time", now}};
  }

  std::string WithHeader(const std::string& name, const json& value) const {
    json header = GoodHeader();
    header[name] = value;
    return signer_.SignRaw(header.dump(), GoodPayload().dump());
  }
  std::string WithClaim(const std::string& name, const json& value) const {
    json payload = GoodPayload();
    payload[name] = value;
    return signer_.SignRaw(GoodHeader().dump(), payload.dump());
  }
  std::string Without(const std::string& claim) const {
    json payload = GoodPayload();
    payload.erase(claim);
    return signer_.SignRaw(GoodHeader().dump(), payload.dump());
  }

  void ExpectRefused(const std::string& token, const std::string& why, absl::Time now = kNow) const {
    const auto principal = verifier_.Verify(token, now);
    EXPECT_THAT(principal, StatusIs(absl::StatusCode::kUnauthenticated, "the access token is not valid"))
        << why;
    EXPECT_THAT(principal, HasReason("INVALID_TOKEN")) << why;
  }

  TokenSigner signer_{SigningKey::Generate(), "arasta"};
  TokenVerifier verifier_{"arasta"};
};

TEST_F(TokenVerifierTest, AcceptsWhatTheSignerIssues) {
  const auto principal = verifier_.Verify(signer_.Sign(GoodClaims()), kNow);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ(principal->kind, Principal::Kind::kUser);
  EXPECT_EQ(principal->name, kUser);
  EXPECT_EQ(principal->guest, kGuest);
  EXPECT_EQ(principal->session, "session-1");
  EXPECT_TRUE(principal->Has("catalog.write"));
  EXPECT_FALSE(principal->Has("admin"));
  EXPECT_EQ(principal->Names(), (std::vector<std::string>{kUser, kGuest}));
  EXPECT_EQ(principal->expire_time, kNow + absl::Minutes(10));
  EXPECT_EQ(principal->authenticated_time, kNow - absl::Minutes(1));
}

TEST_F(TokenVerifierTest, TellsGuestsFromUsers) {
  const auto principal = verifier_.Verify(WithClaim("sub", kGuest), kNow);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ(principal->kind, Principal::Kind::kGuest);
}

TEST_F(TokenVerifierTest, ExpiresAlsoWhereTheClockIsSetBackMeanwhile) {
  absl::Duration steady_time = absl::Hours(5);
  const TokenVerifier verifier("arasta", Keys(signer_.key()), [&] { return steady_time; });
  const std::string token = signer_.Sign(GoodClaims());
  ASSERT_THAT(verifier.Verify(token, kNow + absl::Minutes(4)), IsOk());
  const absl::Time set_back = kNow - absl::Hours(1);
  steady_time += absl::Minutes(6) + kTokenLeeway - absl::Seconds(1);
  EXPECT_THAT(verifier.Verify(token, set_back), IsOk());
  steady_time += absl::Seconds(1);
  EXPECT_THAT(verifier.Verify(token, set_back), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(TokenVerifierTest, ExpiresAfterTheLeewayAlsoWhereTheTokenIsCached) {
  const std::string token = signer_.Sign(GoodClaims());
  const absl::Time end = kNow + absl::Minutes(10) + kTokenLeeway;
  EXPECT_TRUE(verifier_.Verify(token, kNow).ok());
  EXPECT_TRUE(verifier_.Verify(token, end - absl::Seconds(1)).ok());
  ExpectRefused(token, "expired, cached", end);
  ExpectRefused(signer_.Sign(GoodClaims()), "expired, not cached", end);
}

TEST_F(TokenVerifierTest, TellsAnUnknownKeyApartForTheOneWhoMayFetchIt) {
  const TokenSigner stranger(SigningKey::Generate(), "arasta");
  const std::string token = stranger.Sign(GoodClaims());
  EXPECT_THAT(verifier_.Verify(token, kNow), HasReason("UNKNOWN_KEY"));
  EXPECT_THAT(verifier_.Verify(token, kNow),
              StatusIs(absl::StatusCode::kUnauthenticated, "the access token is not valid"));
  verifier_.SetKeys(Keys(stranger.key()));
  EXPECT_TRUE(verifier_.Verify(token, kNow).ok());
}

TEST_F(TokenVerifierTest, ForgetsTokensWhoseKeyIsWithdrawn) {
  const std::string token = signer_.Sign(GoodClaims());
  ASSERT_TRUE(verifier_.Verify(token, kNow).ok());
  verifier_.SetKeys(Keys(SigningKey::Generate()));
  EXPECT_THAT(verifier_.Verify(token, kNow), HasReason("UNKNOWN_KEY"));
}

TEST_F(TokenVerifierTest, RefusesEveryAlgorithmButItsOwn) {
  for (const char* alg : {"none", "None", "NONE", "nOnE", "", "HS256", "es256", "ES384", "RS256", "EdDSA"}) {
    ExpectRefused(WithHeader("alg", alg), absl::StrCat("alg ", alg));
  }
  for (const char* alg : {"none", "None", "NONE", "nOnE"}) {
    json header = GoodHeader();
    header["alg"] = alg;
    ExpectRefused(
        absl::StrCat(EncodeBase64Url(header.dump()), ".", EncodeBase64Url(GoodPayload().dump()), "."),
        absl::StrCat("unsigned, alg ", alg));
  }
}

TEST_F(TokenVerifierTest, RefusesHs256SignedWithThePublicKey) {
  EVP_PKEY* key = signer_.key().public_key().get();
  unsigned char* der = nullptr;
  const int der_size = i2d_PUBKEY(key, &der);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* pem = nullptr;
  const long pem_size = BIO_get_mem_data(bio, &pem);

  json header = GoodHeader();
  for (const char* alg : {"HS256", "ES256"}) {
    header["alg"] = alg;
    const std::string text =
        absl::StrCat(EncodeBase64Url(header.dump()), ".", EncodeBase64Url(GoodPayload().dump()));
    for (const std::string& secret :
         {std::string(pem, pem_size), std::string(reinterpret_cast<char*>(der), der_size),
          Keys(signer_.key()).ToJson()}) {
      const auto mac = HmacSha256(secret, text);
      ExpectRefused(absl::StrCat(text, ".", EncodeBase64Url(std::string(mac.begin(), mac.end()))), alg);
    }
  }
  OPENSSL_free(der);
  BIO_free(bio);
}

TEST_F(TokenVerifierTest, RefusesHeadersThatBringTheirOwnRules) {
  for (const char* name : {"jwk", "jku", "x5u", "x5c", "crit", "zip", "cty", "unheard_of"}) {
    ExpectRefused(WithHeader(name, "https://evil.example/keys"), name);
  }
  ExpectRefused(WithHeader("jwk", json::parse(Keys(signer_.key()).ToJson())["keys"][0]), "jwk, our own");
  ExpectRefused(WithHeader("crit", json::array({"exp"})), "crit as an array");
  ExpectRefused(WithHeader("b64", false), "b64");
  for (const char* typ : {"JWT", "at+JWT", "application/at+jwt", "", "id+jwt"}) {
    ExpectRefused(WithHeader("typ", typ), absl::StrCat("typ ", typ));
  }
  ExpectRefused(WithHeader("kid", 1), "kid is a number");
  ExpectRefused(WithHeader("kid", ""), "kid is empty");
}

TEST_F(TokenVerifierTest, RefusesJsonThatTwoReadersWouldReadDifferently) {
  const std::string payload = GoodPayload().dump(), header = GoodHeader().dump();
  const std::string members = payload.substr(1);
  ExpectRefused(signer_.SignRaw(header, R"({"sub":"users/0190a8f0-0000-7000-8000-00000000000f",)" + members),
                "duplicate sub");
  ExpectRefused(signer_.SignRaw(R"({"alg":"none",)" + header.substr(1), payload), "duplicate alg");
  ExpectRefused(signer_.SignRaw(header, R"({"x":{"a":1,"a":2},)" + members), "duplicate key below");
  const std::string deep = std::string(16, '[') + std::string(16, ']');
  ExpectRefused(signer_.SignRaw(header, absl::StrCat(R"({"x":)", deep, ",", members)), "deeper than 16");
  ExpectRefused(signer_.SignRaw(header, payload + "x"), "trailing garbage");
  ExpectRefused(signer_.SignRaw(header, "[]"), "no object");
  ExpectRefused(signer_.SignRaw("", payload), "no header");
  ExpectRefused(signer_.SignRaw(header, "{\"x\":\"\xff\"," + members), "no UTF-8");
  const std::string shallow = std::string(15, '[') + std::string(15, ']');
  EXPECT_TRUE(
      verifier_.Verify(signer_.SignRaw(header, absl::StrCat(R"({"x":)", shallow, ",", members)), kNow).ok());
}

TEST_F(TokenVerifierTest, RefusesSignaturesThatAreNone) {
  const std::string token = signer_.Sign(GoodClaims());
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  const std::string text = absl::StrCat(parts[0], ".", parts[1], ".");
  const std::string signature = *DecodeBase64Url(parts[2]);
  const std::string zero(32, '\0'), order_and_more(32, '\xff');
  ExpectRefused(absl::StrCat(text, EncodeBase64Url(zero + zero)), "r = s = 0");
  ExpectRefused(absl::StrCat(text, EncodeBase64Url(zero + signature.substr(32))), "r = 0");
  ExpectRefused(absl::StrCat(text, EncodeBase64Url(signature.substr(0, 32) + zero)), "s = 0");
  ExpectRefused(absl::StrCat(text, EncodeBase64Url(order_and_more + signature.substr(32))),
                "r beyond the order");
  ExpectRefused(absl::StrCat(text, EncodeBase64Url(signature.substr(0, 63))), "short");
  ExpectRefused(absl::StrCat(text, EncodeBase64Url(signature + '\0')), "long");
  ExpectRefused(text, "empty");
  std::string flipped = signature;
  flipped[40] = static_cast<char>(flipped[40] ^ 1);
  ExpectRefused(absl::StrCat(text, EncodeBase64Url(flipped)), "one bit flipped");
}

TEST_F(TokenVerifierTest, RefusesEveryOtherSpellingOfAToken) {
  const std::string token = signer_.Sign(GoodClaims());
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  for (const std::string& spelling :
       {token + "=", token + "==", " " + token, token + " ", token + "\n",
        parts[0] + "=." + parts[1] + "." + parts[2], parts[0] + ". " + parts[1] + "." + parts[2], token + ".",
        "." + token, parts[0] + "." + parts[1], std::string(), std::string("."), std::string(".."),
        "+" + token.substr(1), std::string(1, '\0') + token,
        parts[0] + "." + parts[1] + "." + parts[2] + ".x.y"}) {
    ExpectRefused(spelling, spelling);
  }
  // 64 bytes end in a character of which only two bits count: another with the same two bits is another text.
  std::string stray = token;
  stray.back() = stray.back() == 'A' ? 'B' : static_cast<char>(stray.back() + 1);
  ExpectRefused(stray, "stray bits");
  ExpectRefused(WithClaim("x", std::string(kMaxTokenBytes, 'x')), "over 4 KiB");
}

TEST_F(TokenVerifierTest, RefusesWrongClaims) {
  const int64_t now = absl::ToUnixSeconds(kNow);
  const std::vector<std::pair<const char*, json>> wrong = {{"iss", "arasta2"},
                                                           {"iss", "https://arasta"},
                                                           {"iss", json::array({"arasta"})},
                                                           {"aud", "other"},
                                                           {"aud", json::array({"arasta"})},
                                                           {"sub", ""},
                                                           {"sub", "users/"},
                                                           {"sub", "users/1"},
                                                           {"sub", "admins/x"},
                                                           {"sub", 7},
                                                           {"exp", now + 600.0},
                                                           {"exp", std::to_string(now + 600)},
                                                           {"exp", -1},
                                                           {"exp", nullptr},
                                                           {"exp", 1.9e300},
                                                           {"exp", UINT64_MAX},
                                                           {"exp", now + 601},
                                                           {"exp", now - 31},
                                                           {"iat", now + 31},
                                                           {"iat", "x"},
                                                           {"auth_time", "x"},
                                                           {"perms", "admin"},
                                                           {"perms", json::array({1})},
                                                           {"guest", kUser},
                                                           {"guest", 1},
                                                           {"sid", 1}};
  for (const auto& [claim, value] : wrong)
    ExpectRefused(WithClaim(claim, value), absl::StrCat(claim, " ", value.dump()));
  for (const char* claim : {"iss", "aud", "sub", "exp", "iat", "auth_time"})
    ExpectRefused(Without(claim), claim);
  std::string payload = GoodPayload().dump();
  payload.replace(payload.find("\"exp\":1900000600"), 16, "\"exp\":1900000600.0");
  ExpectRefused(signer_.SignRaw(GoodHeader().dump(), payload), "exp with a fraction");
}

}  // namespace
}  // namespace arasta::auth
