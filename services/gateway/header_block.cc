#include "services/gateway/header_block.h"

namespace arasta::gateway {

void HeaderBlock::Add(absl::string_view name, absl::string_view value, Indexing indexing) {
  if (entries_.empty()) bytes_.reserve(512);
  entries_.push_back({static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(name.size()),
                      static_cast<uint32_t>(value.size()), indexing});
  bytes_.append(name.data(), name.size());
  bytes_.append(value.data(), value.size());
}

absl::optional<absl::string_view> HeaderBlock::Find(absl::string_view name) const {
  for (size_t i = 0; i < size(); ++i) {
    const Field field = (*this)[i];
    if (field.name == name) return field.value;
  }
  return absl::nullopt;
}

}  // namespace arasta::gateway
