// The well-known types that are one string in JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/json/byte_output.h"

namespace arasta::gateway {

// A Timestamp or a Duration.
struct SecondsNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};

// "2026-11-22T08:30:00.5Z", or with another offset. Years 1 to 9999.
bool ParseTimestamp(absl::string_view text, SecondsNanos& time);
// Of 3, 6 or 9 digits where there is a fraction. False for what has no such text.
bool AppendTimestamp(const SecondsNanos& time, ByteOutput& out);

// "-1.5s". At most 10,000 years.
bool ParseDuration(absl::string_view text, SecondsNanos& duration);
bool AppendDuration(const SecondsNanos& duration, ByteOutput& out);

// One path of a FieldMask: "displayName.firstPart" is display_name.first_part. False for what does not come
// back the same.
bool AppendSnakeCase(absl::string_view path, ByteOutput& out);
bool AppendCamelCase(absl::string_view path, ByteOutput& out);

}  // namespace arasta::gateway
