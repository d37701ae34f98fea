#include "services/gateway/json/wire.h"

#include <vector>

namespace arasta::gateway {
namespace {

constexpr size_t kMaxGroups = 100;

}  // namespace

bool WireReader::ReadLongVarint(uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 7 * kMaxVarintBytes; shift += 7) {
    if (next_ == end_) return false;
    const auto byte = static_cast<unsigned char>(*next_++);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool WireReader::Skip(uint32_t tag) {
  std::vector<uint32_t> groups;  // those that are open, by number
  for (;;) {
    uint64_t varint;
    uint64_t fixed64;
    uint32_t fixed32;
    absl::string_view bytes;
    bool good = false;
    switch (TypeOf(tag)) {
      case WireType::kVarint:
        good = ReadVarint(varint);
        break;
      case WireType::kFixed64:
        good = ReadFixed(fixed64);
        break;
      case WireType::kBytes:
        good = ReadBytes(bytes);
        break;
      case WireType::kFixed32:
        good = ReadFixed(fixed32);
        break;
      case WireType::kGroupStart:
        groups.push_back(NumberOf(tag));
        good = groups.size() <= kMaxGroups;
        break;
      case WireType::kGroupEnd:
        good = !groups.empty() && groups.back() == NumberOf(tag);
        if (good) groups.pop_back();
        break;
    }
    if (!good) return false;
    if (groups.empty()) return true;
    if (!ReadTag(tag)) return false;
  }
}

}  // namespace arasta::gateway
