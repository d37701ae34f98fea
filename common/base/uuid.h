// 128-bit ids (RFC 9562).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace arasta {

// A value: copied, compared, hashed and ordered by its bytes. The default is the nil UUID.
class Uuid {
 public:
  using Bytes = std::array<uint8_t, 16>;

  Uuid() = default;

  // Random: says nothing about when or where it was made.
  static Uuid V4();
  // Ordered by `time` to the millisecond, then random: keys of rows that are read newest first.
  static Uuid V7(absl::Time time);
  // Derived by the caller, as from a hash: the given bytes with version and variant written over.
  static Uuid V8(const Bytes& bytes);
  // The very bytes, as read from a token or a column.
  static Uuid FromBytes(const Bytes& bytes) { return Uuid(bytes); }
  // The 36-character form, hex digits of either case; anything else is nullopt.
  static absl::optional<Uuid> Parse(absl::string_view text);

  // Lower-case, 36 characters.
  std::string ToString() const;
  const Bytes& bytes() const { return bytes_; }

  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const Uuid& uuid) {
    return H::combine(std::move(state), uuid.bytes_);
  }

 private:
  explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  Bytes bytes_{};
};

}  // namespace arasta
