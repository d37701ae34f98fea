// Hashes that mean the same in every process and for ever, and randomness fit for secrets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta {

std::array<uint8_t, 32> Sha256(absl::string_view text);

std::array<uint8_t, 32> HmacSha256(absl::string_view key, absl::string_view text);

// The first 8 bytes of SHA-256, big-endian. Partitions and derived ids rest on it: it never changes.
uint64_t StableHash(absl::string_view text);

// From the operating system's generator; dies rather than return predictable bytes.
std::string RandomBytes(size_t size);

// Takes the same time wherever the two differ. Different lengths are told at once.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace arasta
