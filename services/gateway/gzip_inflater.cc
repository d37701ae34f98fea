#include "services/gateway/gzip_inflater.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace arasta::gateway {
namespace {

constexpr int kGzipOnly = 16;
constexpr absl::string_view kMagic = "\x1f\x8b\x08";
constexpr size_t kSmallest = 18;  // a head and an end

absl::Status NotGzip() {
  return Error(absl::StatusCode::kInternal, "NOT_GZIP", "a compressed message is not gzip, or is damaged");
}

}  // namespace

absl::StatusOr<bool> IsGzip(absl::string_view encoding) {
  if (encoding.empty() || encoding == "identity") return false;
  if (encoding == "gzip") return true;
  return Error(absl::StatusCode::kUnimplemented, "COMPRESSION_UNSUPPORTED",
               absl::StrCat("requests may be compressed with: ", kAcceptedEncodings));
}

GzipInflater::GzipInflater() {
  inflateInit2(&stream_, MAX_WBITS + kGzipOnly);
}

GzipInflater::~GzipInflater() {
  inflateEnd(&stream_);
}

absl::StatusOr<uint32_t> GzipInflater::SizeOf(absl::string_view gzip) {
  if (gzip.size() < kSmallest || !absl::StartsWith(gzip, kMagic)) return NotGzip();
  const absl::string_view end = gzip.substr(gzip.size() - 4);
  uint32_t size = 0;
  for (size_t i = 0; i < end.size(); ++i) size |= uint32_t{static_cast<unsigned char>(end[i])} << 8 * i;
  return size;
}

void GzipInflater::Begin(uint32_t size) {
  inflateReset(&stream_);
  rest_ = size;
  done_ = false;
}

absl::StatusOr<size_t> GzipInflater::Step(absl::string_view& gzip, absl::Span<char> out) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream_.avail_in = static_cast<uInt>(gzip.size());
  stream_.next_out = reinterpret_cast<Bytef*>(out.data());
  stream_.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream_, Z_NO_FLUSH);
  gzip.remove_prefix(gzip.size() - stream_.avail_in);
  const size_t made = out.size() - stream_.avail_out;
  done_ = result == Z_STREAM_END;
  // All of the text is there, so a step that neither ends it nor makes anything never will.
  const bool goes_on = result == Z_OK && made > 0;
  if ((!done_ && !goes_on) || made > rest_) return NotGzip();
  rest_ -= static_cast<uint32_t>(made);
  if (done_ && (rest_ > 0 || !gzip.empty())) return NotGzip();
  return made;
}

}  // namespace arasta::gateway
