#include "services/gateway/grpc_timeout.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace arasta::gateway {
namespace {

struct Unit {
  char letter;
  absl::Duration length;
};

// From the finest.
const std::array<Unit, 6>& Units() {
  static const std::array<Unit, 6> units = {{{'n', absl::Nanoseconds(1)},
                                             {'u', absl::Microseconds(1)},
                                             {'m', absl::Milliseconds(1)},
                                             {'S', absl::Seconds(1)},
                                             {'M', absl::Minutes(1)},
                                             {'H', absl::Hours(1)}}};
  return units;
}

constexpr size_t kMaxDigits = 8;
constexpr int64_t kMaxCount = 99'999'999;

}  // namespace

absl::optional<absl::Duration> ParseGrpcTimeout(absl::string_view text) {
  if (text.size() < 2 || text.size() > kMaxDigits + 1) return absl::nullopt;
  int64_t count = 0;
  for (const char digit : text.substr(0, text.size() - 1)) {
    if (digit < '0' || digit > '9') return absl::nullopt;
    count = count * 10 + (digit - '0');
  }
  for (const Unit& unit : Units()) {
    if (unit.letter == text.back()) return count * unit.length;
  }
  return absl::nullopt;
}

std::string FormatGrpcTimeout(absl::Duration timeout) {
  timeout = std::max(timeout, absl::ZeroDuration());
  for (const Unit& unit : Units()) {
    const int64_t count = timeout / unit.length;
    if (count <= kMaxCount) return absl::StrCat(count, absl::string_view(&unit.letter, 1));
  }
  return absl::StrCat(kMaxCount, "H");
}

}  // namespace arasta::gateway
