// Argon2id by libsodium.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::auth {

struct HashParameters {
  int64_t memory_kib = 65536;
  int64_t passes = 2;
};

// The floor outside the test profile, below which the service does not start.
constexpr HashParameters kWeakestParameters{19456, 2};

// The parameters in "$argon2id$v=19$m=65536,t=2,p=1$…"; nullopt for any other kind of text.
absl::optional<HashParameters> ParametersOf(absl::string_view hash);

// Thread-safe. Each Hash and Verify costs one evaluation: `memory_kib` and tens of milliseconds. Run
// them on the hashing pool only.
class PasswordHasher {
 public:
  explicit PasswordHasher(const HashParameters& parameters);

  // RESOURCE_EXHAUSTED when there is no memory for it.
  absl::StatusOr<std::string> Hash(absl::string_view password) const;

  // Whether `password` made `hash`. A hash that asks for more than we would ever spend (a planted row)
  // is checked against the dummy instead, and never matches.
  bool Verify(absl::string_view hash, absl::string_view password) const;

  // Costs what Verify costs and never matches: for accounts that are not there.
  void VerifyDummy(absl::string_view password) const { Verify(dummy_, password); }

  // Whether `hash` is weaker than what Hash makes now.
  bool NeedsRehash(absl::string_view hash) const;

 private:
  const HashParameters parameters_;
  std::string dummy_;
};

}  // namespace arasta::auth
