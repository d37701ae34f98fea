#include "services/gateway/json/well_known_text.h"

#include <charconv>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace arasta::gateway {
namespace {

constexpr int64_t kFirstSecond = -62'135'596'800;  // of the year 1
constexpr int64_t kLastSecond = 253'402'300'799;   // of the year 9999
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int32_t kNanos = 1'000'000'000;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Exactly `digits` digits from the front of `text`.
bool TakeNumber(absl::string_view& text, size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool TakeChar(absl::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Nothing, or a point with one to nine digits.
bool TakeFraction(absl::string_view& text, int32_t& nanos) {
  nanos = 0;
  if (!TakeChar(text, '.')) return true;
  size_t digits = 0;
  for (; digits < text.size() && digits < 9 && IsDigit(text[digits]); ++digits) {
    nanos = nanos * 10 + (text[digits] - '0');
  }
  text.remove_prefix(digits);
  if (digits == 0) return false;
  for (; digits < 9; ++digits) nanos *= 10;
  return true;
}

// "Z" or "+02:00", in seconds to be taken away.
bool TakeOffset(absl::string_view& text, int& seconds) {
  seconds = 0;
  if (TakeChar(text, 'Z')) return true;
  const bool behind = TakeChar(text, '-');
  int hours;
  int minutes;
  if (!behind && !TakeChar(text, '+')) return false;
  if (!TakeNumber(text, 2, hours) || !TakeChar(text, ':') || !TakeNumber(text, 2, minutes)) return false;
  seconds = (hours * 60 + minutes) * 60 * (behind ? -1 : 1);
  return hours < 24 && minutes < 60;
}

char* WriteNumber(unsigned value, size_t digits, char* to) {
  for (size_t i = digits; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
  return to + digits;
}

char* WriteFraction(int32_t nanos, char* to) {
  if (nanos == 0) return to;
  *to++ = '.';
  const auto value = static_cast<unsigned>(nanos);
  if (value % 1'000'000 == 0) return WriteNumber(value / 1'000'000, 3, to);
  if (value % 1'000 == 0) return WriteNumber(value / 1'000, 6, to);
  return WriteNumber(value, 9, to);
}

}  // namespace

bool ParseTimestamp(absl::string_view text, SecondsNanos& time) {
  int year, month, day, hour, minute, second, offset;
  if (!TakeNumber(text, 4, year) || !TakeChar(text, '-') || !TakeNumber(text, 2, month) ||
      !TakeChar(text, '-') || !TakeNumber(text, 2, day) || !TakeChar(text, 'T') ||
      !TakeNumber(text, 2, hour) || !TakeChar(text, ':') || !TakeNumber(text, 2, minute) ||
      !TakeChar(text, ':') || !TakeNumber(text, 2, second) || !TakeFraction(text, time.nanos) ||
      !TakeOffset(text, offset)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!text.empty() || !date.ok() || hour > 23 || minute > 59 || second > 59) return false;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  time.seconds = days * 86'400 + hour * 3'600 + minute * 60 + second - offset;
  return time.seconds >= kFirstSecond && time.seconds <= kLastSecond;
}

bool AppendTimestamp(const SecondsNanos& time, ByteOutput& out) {
  if (time.seconds < kFirstSecond || time.seconds > kLastSecond) return false;
  if (time.nanos < 0 || time.nanos >= kNanos) return false;
  const std::chrono::sys_seconds point{std::chrono::seconds{time.seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const auto second = static_cast<unsigned>((point - day).count());
  char* to = out.Room(40);
  to = WriteNumber(static_cast<unsigned>(static_cast<int>(date.year())), 4, to);
  *to++ = '-';
  to = WriteNumber(static_cast<unsigned>(date.month()), 2, to);
  *to++ = '-';
  to = WriteNumber(static_cast<unsigned>(date.day()), 2, to);
  *to++ = 'T';
  to = WriteNumber(second / 3'600, 2, to);
  *to++ = ':';
  to = WriteNumber(second / 60 % 60, 2, to);
  *to++ = ':';
  to = WriteNumber(second % 60, 2, to);
  to = WriteFraction(time.nanos, to);
  *to++ = 'Z';
  out.SetEnd(to);
  return true;
}

bool ParseDuration(absl::string_view text, SecondsNanos& duration) {
  const bool negative = TakeChar(text, '-');
  size_t digits = 0;
  duration.seconds = 0;
  for (; digits < text.size() && IsDigit(text[digits]) && duration.seconds <= kMaxDurationSeconds; ++digits) {
    duration.seconds = duration.seconds * 10 + (text[digits] - '0');
  }
  text.remove_prefix(digits);
  if (digits == 0 || !TakeFraction(text, duration.nanos) || text != "s") return false;
  if (duration.seconds > kMaxDurationSeconds ||
      (duration.seconds == kMaxDurationSeconds && duration.nanos > 0)) {
    return false;
  }
  if (negative) duration = {-duration.seconds, -duration.nanos};
  return true;
}

bool AppendDuration(const SecondsNanos& duration, ByteOutput& out) {
  const auto [seconds, nanos] = duration;
  if (seconds < -kMaxDurationSeconds || seconds > kMaxDurationSeconds) return false;
  if (nanos <= -kNanos || nanos >= kNanos || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0))
    return false;
  if (seconds < 0 || nanos < 0) out.Append('-');
  char* to = out.Room(40);
  to = std::to_chars(to, to + 20, seconds < 0 ? -seconds : seconds).ptr;
  to = WriteFraction(nanos < 0 ? -nanos : nanos, to);
  *to++ = 's';
  out.SetEnd(to);
  return true;
}

bool AppendSnakeCase(absl::string_view path, ByteOutput& out) {
  if (path.empty()) return false;
  for (const char c : path) {
    if (c == '_') return false;
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) out.Append('_');
    out.Append(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return true;
}

bool AppendCamelCase(absl::string_view path, ByteOutput& out) {
  if (path.empty() || absl::StrContains(path, ',')) return false;
  bool after_underscore = false;
  for (const char c : path) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) return false;
    // An underscore before anything but a letter would be lost.
    if (after_underscore && !absl::ascii_islower(static_cast<unsigned char>(c))) return false;
    if (c == '_') {
      after_underscore = true;
      continue;
    }
    out.Append(after_underscore ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    after_underscore = false;
  }
  return !after_underscore;
}

}  // namespace arasta::gateway
