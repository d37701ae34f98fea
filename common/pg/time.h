// absl::Time and PostgreSQL's timestamptz, to the microsecond, whatever the session's time zone is.
#pragma once

#include <optional>
#include <pqxx/except>
#include <pqxx/field>
#include <string>

#include "absl/time/time.h"

namespace arasta::pg {

// As a statement's parameter.
inline std::string ToTimestamp(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", time, absl::UTCTimeZone());
}

// Of a timestamptz column that is not null.
inline absl::Time FromTimestamp(const pqxx::field& field) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M:%E*S%Ez", field.c_str(), &time, &error)) {
    throw pqxx::conversion_error("not a timestamptz: " + error);
  }
  return time;
}

inline std::optional<absl::Time> FromNullableTimestamp(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return FromTimestamp(field);
}

}  // namespace arasta::pg
