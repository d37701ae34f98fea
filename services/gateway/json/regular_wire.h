// The wire format leaves a writer much freedom: fields in any order, lists in pieces, messages in parts,
// values that a later one replaces.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "services/gateway/json/message_plan.h"
#include "services/gateway/json/scalar_text.h"

namespace arasta::gateway {

// Whether what comes with `tag` can be read as the field, or as packed values of it.
bool Fits(const FieldPlan& field, uint32_t tag);

// Writes the same message with each field once and in order, lists and maps in one piece, without what has
// been replaced. What is inside of its fields stays as it is. False for bytes that are no wire format.
bool MakeRegular(const MessagePlan& plan, absl::string_view wire, std::string& regular);

struct MapKey {
  absl::string_view text;  // of a string
  WireBits bits = 0;       // of all others

  friend bool operator==(const MapKey&, const MapKey&) = default;
  friend bool operator<(const MapKey& left, const MapKey& right) {
    return left.bits != right.bits ? left.bits < right.bits : left.text < right.text;
  }
  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const MapKey& key) {
    return Hash::combine(std::move(hash), key.text, key.bits);
  }
};

struct MapEntry {
  MapKey key;
  absl::string_view value;  // what follows its tag; empty: the default
  bool is_split = false;    // the value is a message in several parts, of which this is the last
};

// False for bytes that are no wire format.
bool ReadMapEntry(const MessagePlan& entry_plan, absl::string_view bytes, MapEntry& entry);

}  // namespace arasta::gateway
