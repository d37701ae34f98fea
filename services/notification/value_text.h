// Money and moments as people of a locale write them, by ICU. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace arasta::notification {

// 123456 of EUR is "€1,234.56" in en and "1.234,56 €" in de. INVALID_ARGUMENT: no such currency form.
absl::StatusOr<std::string> MoneyText(absl::string_view currency_code, int64_t minor_units,
                                      const std::string& locale);

// "21 November 2026 at 22:57 UTC" in en-GB, with plain spaces. We don't know where the reader is, so the zone
// is said.
absl::StatusOr<std::string> TimeText(absl::Time time, const std::string& locale);

}  // namespace arasta::notification
