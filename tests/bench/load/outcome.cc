#include "tests/bench/load/outcome.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace arasta::bench {
namespace {

constexpr uint8_t kTrailerFlag = 0x80;

}  // namespace

void Outcome::OnHttpStatus(absl::string_view value) {
  if (!absl::SimpleAtoi(value, &http_status_)) http_status_ = 0;
}

void Outcome::OnField(absl::string_view name, absl::string_view value) {
  if (name != "grpc-status") return;
  if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(value), &grpc_status_)) grpc_status_ = kBroken;
}

void Outcome::OnBody(absl::string_view bytes) {
  if (protocol_ != Protocol::kGrpcWeb) return;
  while (!bytes.empty()) {
    if (head_size_ < head_.size()) {
      head_[head_size_++] = static_cast<uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      if (head_size_ < head_.size()) continue;
      rest_ = uint32_t{head_[1]} << 24 | uint32_t{head_[2]} << 16 | uint32_t{head_[3]} << 8 | head_[4];
    }
    const size_t taken = std::min<size_t>(rest_, bytes.size());
    const bool trailer = (head_[0] & kTrailerFlag) != 0;
    if (trailer) trailers_.append(bytes.data(), taken);
    bytes.remove_prefix(taken);
    rest_ -= static_cast<uint32_t>(taken);
    if (rest_ != 0) continue;
    if (trailer) OnTrailerFrame(trailers_);
    head_size_ = 0;
  }
}

void Outcome::OnTrailerFrame(absl::string_view lines) {
  for (const absl::string_view line : absl::StrSplit(lines, "\r\n", absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    OnField(absl::AsciiStrToLower(field.first), field.second);
  }
}

int Outcome::Code() const {
  if (protocol_ == Protocol::kJson) {
    return http_status_ >= 200 && http_status_ < 300 ? kOk : kHttp + http_status_;
  }
  if (grpc_status_ == kOk && http_status_ != 200) return kHttp + http_status_;
  return grpc_status_;
}

}  // namespace arasta::bench
