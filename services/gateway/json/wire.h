// protobuf's wire format: numbers, tags and lengths.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroupStart = 3,
  kGroupEnd = 4,
  kFixed32 = 5,
};

constexpr size_t kMaxVarintBytes = 10;
constexpr size_t kMaxTagBytes = 5;

constexpr uint32_t TagOf(uint32_t number, WireType type) {
  return number << 3 | static_cast<uint32_t>(type);
}
constexpr uint32_t NumberOf(uint32_t tag) {
  return tag >> 3;
}
constexpr WireType TypeOf(uint32_t tag) {
  return static_cast<WireType>(tag & 7);
}

inline char* WriteVarint(uint64_t value, char* to) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}
constexpr size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) * 9 + 64) / 64;
}

// What is copied in and out of memory here is little-endian, as the wire is.
static_assert(std::endian::native == std::endian::little);

template <class Integer>
char* WriteFixed(Integer value, char* to) {
  std::memcpy(to, &value, sizeof value);
  return to + sizeof value;
}

// Takes a message's bytes apart from the front. Every read is false for bytes that are no wire format; what
// was read is then undefined.
class WireReader {
 public:
  explicit WireReader(absl::string_view bytes) : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool empty() const { return next_ == end_; }
  const char* position() const { return next_; }
  void Return(const char* position) { next_ = position; }

  bool ReadVarint(uint64_t& value) {
    if (next_ != end_ && static_cast<signed char>(*next_) >= 0) {
      value = static_cast<unsigned char>(*next_++);
      return true;
    }
    return ReadLongVarint(value);
  }
  bool ReadTag(uint32_t& tag) {
    uint64_t value;
    if (!ReadVarint(value) || value > UINT32_MAX || NumberOf(static_cast<uint32_t>(value)) == 0) return false;
    tag = static_cast<uint32_t>(value);
    return true;
  }
  template <class Integer>
  bool ReadFixed(Integer& value) {
    if (static_cast<size_t>(end_ - next_) < sizeof value) return false;
    std::memcpy(&value, next_, sizeof value);
    next_ += sizeof value;
    return true;
  }
  bool ReadBytes(absl::string_view& bytes) {
    uint64_t size;
    if (!ReadVarint(size) || size > static_cast<uint64_t>(end_ - next_)) return false;
    bytes = absl::string_view(next_, size);
    next_ += size;
    return true;
  }
  // What follows `tag`; of a group all up to its end.
  bool Skip(uint32_t tag);

 private:
  bool ReadLongVarint(uint64_t& value);

  const char* next_;
  const char* end_;
};

}  // namespace arasta::gateway
