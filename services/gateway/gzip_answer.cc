#include "services/gateway/gzip_answer.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace arasta::gateway {
namespace {

constexpr int kGzipOnly = 16;
constexpr size_t kLeast = 1024;
constexpr size_t kMost = 256 * 1024;

// "gzip;q=0" is how a client says that it does not.
bool IsRefused(absl::string_view parameters) {
  parameters = absl::StripAsciiWhitespace(parameters);
  double weight = 1;
  const bool weighed = absl::ConsumePrefix(&parameters, "q=") || absl::ConsumePrefix(&parameters, "Q=");
  return weighed && absl::SimpleAtod(parameters, &weight) && weight <= 0;
}

}  // namespace

bool TakesGzip(absl::string_view accepted) {
  for (const absl::string_view coding : absl::StrSplit(accepted, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(coding, absl::MaxSplits(';', 1));
    if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.first), "gzip"))
      return !IsRefused(parts.second);
  }
  return false;
}

bool IsWorthGzip(size_t size) {
  return size >= kLeast && size <= kMost;
}

absl::optional<std::string> Gzip(absl::string_view message) {
  if (!IsWorthGzip(message.size())) return absl::nullopt;
  // With a window and tables no larger than the message: to make those of 256 KiB would take longer than a
  // small one does.
  const int window_bits = std::min<int>(std::bit_width(message.size()), MAX_WBITS);
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits + kGzipOnly, window_bits - 7,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return absl::nullopt;
  }
  std::string gzip(message.size() - 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  stream.avail_in = static_cast<uInt>(message.size());
  stream.next_out = reinterpret_cast<Bytef*>(gzip.data());
  stream.avail_out = static_cast<uInt>(gzip.size());
  const bool smaller = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  gzip.resize(stream.total_out);
  deflateEnd(&stream);
  if (!smaller) return absl::nullopt;
  return gzip;
}

void GzipBody(bool client_takes_gzip, std::string& body, HeaderBlock& head) {
  if (!IsWorthGzip(body.size())) return;
  // For caches: others may be told the same otherwise.
  head.Add("vary", "accept-encoding");
  absl::optional<std::string> gzip = client_takes_gzip ? Gzip(body) : absl::nullopt;
  if (!gzip) return;
  head.Add("content-encoding", "gzip");
  body = *std::move(gzip);
}

}  // namespace arasta::gateway
