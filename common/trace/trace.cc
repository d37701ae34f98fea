#include "common/trace/trace.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/hash.h"

namespace arasta::trace {
namespace {

constexpr size_t kVersion00Length = 55;

template <size_t N>
std::string Hex(const std::array<uint8_t, N>& bytes) {
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes.data()), N));
}

// The standard wants lower case only.
bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

template <size_t N>
bool ReadHex(absl::string_view text, std::array<uint8_t, N>& bytes) {
  if (!IsLowerHex(text)) return false;
  const std::string raw = absl::HexStringToBytes(text);
  std::copy(raw.begin(), raw.end(), bytes.begin());
  return true;
}

template <size_t N>
bool IsZero(const std::array<uint8_t, N>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

template <size_t N>
void Randomize(std::array<uint8_t, N>& bytes) {
  const std::string random = RandomBytes(N);
  std::copy(random.begin(), random.end(), bytes.begin());
}

}  // namespace

absl::optional<Context> Context::Parse(absl::string_view text) {
  if (text.size() < kVersion00Length || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return absl::nullopt;
  }
  std::array<uint8_t, 1> version, flags;
  Context context;
  if (!ReadHex(text.substr(0, 2), version) || !ReadHex(text.substr(3, 32), context.trace_id_) ||
      !ReadHex(text.substr(36, 16), context.span_id_) || !ReadHex(text.substr(53, 2), flags)) {
    return absl::nullopt;
  }
  const bool has_more = text.size() > kVersion00Length;
  if (version[0] == 0xff || (version[0] == 0 && has_more) || (has_more && text[kVersion00Length] != '-')) {
    return absl::nullopt;
  }
  if (IsZero(context.trace_id_) || IsZero(context.span_id_)) return absl::nullopt;
  context.flags_ = flags[0];
  return context;
}

Context Context::NewRoot() {
  Context context;
  Randomize(context.trace_id_);
  Randomize(context.span_id_);
  context.flags_ = 1;
  return context;
}

Context Context::NewUnsampled() {
  Context context = NewRoot();
  context.flags_ = 0;
  return context;
}

Context Context::Child() const {
  Context child = *this;
  Randomize(child.span_id_);
  return child;
}

std::string Context::ToTraceparent() const {
  return absl::StrCat("00-", trace_id(), "-", span_id(), "-", Hex(std::array<uint8_t, 1>{flags_}));
}

uint64_t Context::trace_id_end() const {
  uint64_t end = 0;
  for (size_t i = 8; i < trace_id_.size(); ++i) end = end << 8 | trace_id_[i];
  return end;
}

std::string Context::trace_id() const {
  return Hex(trace_id_);
}

std::string Context::span_id() const {
  return Hex(span_id_);
}

}  // namespace arasta::trace
