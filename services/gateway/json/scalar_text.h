// Numbers and booleans as text and as protobuf's wire has them.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "services/gateway/json/wire.h"

namespace arasta::gateway {

// What a wire carries for one value, as the varint or in the low bits: zig-zagged where the type wants it.
using WireBits = uint64_t;

// `text` is a number as JSON writes it, or true, false, NaN, Infinity, -Infinity. False for another type's,
// and for what the type cannot hold. Enums are read as their numbers.
bool ParseScalar(google::protobuf::FieldDescriptor::Type type, absl::string_view text, WireBits& bits);

// What ParseScalar wants, for people: "an int32".
absl::string_view NameOfScalar(google::protobuf::FieldDescriptor::Type type);

constexpr size_t kMaxScalarText = 40;

// As JSON has it, in quotes where that wants them. Returns the end of what it wrote.
char* FormatScalar(google::protobuf::FieldDescriptor::Type type, WireBits bits, char* to);

// Of type kVarint, kFixed32 or kFixed64.
inline char* WriteBits(WireType type, WireBits bits, char* to) {
  if (type == WireType::kVarint) return WriteVarint(bits, to);
  if (type == WireType::kFixed64) return WriteFixed(bits, to);
  return WriteFixed(static_cast<uint32_t>(bits), to);
}
// Drops what the type has no place for.
bool ReadBits(google::protobuf::FieldDescriptor::Type type, WireType wire_type, WireReader& wire,
              WireBits& bits);

}  // namespace arasta::gateway
