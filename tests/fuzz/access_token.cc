// Access tokens, their JSON and their keys. A token is signed over the input too, so that what is behind the
// signature is reached.
#include "absl/strings/str_cat.h"
#include "common/auth/base64url.h"
#include "common/auth/jwks.h"
#include "common/auth/strict_json.h"
#include "common/auth/token_signer.h"
#include "common/auth/token_verifier.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

const auth::TokenSigner& Signer() {
  static const auth::TokenSigner signer(auth::SigningKey::Generate(), "arasta");
  return signer;
}

const auth::TokenVerifier& Verifier() {
  static const auth::TokenVerifier* const verifier = [] {
    auth::KeySet keys;
    keys.Add(Signer().key().id(), Signer().key().public_key());
    return new auth::TokenVerifier("arasta", std::move(keys));
  }();
  return *verifier;
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  const absl::Time now = absl::FromUnixSeconds(1'900'000'000);
  const absl::string_view text = input.rest();
  const auto bytes = auth::DecodeBase64Url(text);
  fuzz::Require(!bytes || auth::EncodeBase64Url(*bytes) == text, "one text for every byte string");
  (void)auth::ParseStrictObject(text);
  const auto keys = auth::KeySet::FromJson(text);
  if (keys.ok()) fuzz::Require(auth::KeySet::FromJson(keys->ToJson()).ok(), "keys are read back");
  (void)fuzz::Verifier().Verify(text, now);

  const auto key = auth::SigningKey::FromPem(text);
  if (key.ok()) {
    const auto again = auth::SigningKey::FromPem(key->ToPem());
    fuzz::Require(again.ok() && again->id() == key->id(), "a key is read back");
  }

  const absl::string_view header = input.Line();
  (void)fuzz::Verifier().Verify(fuzz::Signer().SignRaw(header, input.rest()), now);
  const std::string good_header =
      absl::StrCat(R"({"alg":"ES256","typ":"at+jwt","kid":")", fuzz::Signer().key().id(), R"("})");
  const auto principal = fuzz::Verifier().Verify(fuzz::Signer().SignRaw(good_header, text), now);
  if (principal.ok()) fuzz::Require(!principal->name.empty(), "who is let in has a name");
  return 0;
}
