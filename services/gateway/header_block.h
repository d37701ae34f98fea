// Header fields in the order they came, duplicates included, in one piece of memory.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::gateway {

// What a field may do to the peer's compression table.
enum class Indexing : uint8_t {
  kAllowed,
  kNever,  // different in every call (ids, timeouts) or secret (tokens): would only push out useful entries
};

class HeaderBlock {
 public:
  struct Field {
    absl::string_view name;
    absl::string_view value;
    Indexing indexing;
  };

  void Add(absl::string_view name, absl::string_view value, Indexing indexing = Indexing::kAllowed);

  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  Field operator[](size_t i) const {
    const Entry& entry = entries_[i];
    const char* start = bytes_.data() + entry.offset;
    return {absl::string_view(start, entry.name_length),
            absl::string_view(start + entry.name_length, entry.value_length), entry.indexing};
  }
  // The first field of that (lower-case) name.
  absl::optional<absl::string_view> Find(absl::string_view name) const;

  // The size as HTTP/2 counts it: names, values and something for every field.
  size_t list_size() const { return bytes_.size() + kFieldOverhead * entries_.size(); }
  static constexpr size_t kFieldOverhead = 32;

  void Clear() {
    bytes_.clear();
    entries_.clear();
  }

 private:
  struct Entry {
    uint32_t offset;
    uint32_t name_length;
    uint32_t value_length;
    Indexing indexing;
  };

  std::string bytes_;
  // Enough for most heads without another allocation.
  absl::InlinedVector<Entry, 12> entries_;
};

}  // namespace arasta::gateway
