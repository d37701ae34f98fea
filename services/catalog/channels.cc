#include "services/catalog/channels.h"

#include <unicode/ucurr.h>
#include <unicode/unistr.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

bool IsChannel(const std::string& code) {
  return code.size() <= 30 && IsSlug(code) && absl::ascii_islower(static_cast<unsigned char>(code.front()));
}

// Whether the code is or once was a country's currency.
bool IsCurrency(const std::string& code) {
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString unicode = icu::UnicodeString::fromUTF8(code);
  return ucurr_isAvailable(unicode.getTerminatedBuffer(), U_DATE_MIN, U_DATE_MAX, &error) != 0;
}

}  // namespace

absl::StatusOr<Channels> ParseChannels(absl::string_view text) {
  Channels channels;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<std::string, std::string> channel = absl::StrSplit(part, absl::MaxSplits(':', 1));
    if (!IsChannel(channel.first) || !IsCurrency(channel.second)) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", part, "' is not a channel and its ISO 4217 currency, such as web:EUR"));
    }
    if (!channels.insert(channel).second) {
      return absl::InvalidArgumentError(absl::StrCat("the channel ", channel.first, " occurs twice"));
    }
  }
  if (channels.contains(kDefaultChannel)) return channels;
  return absl::InvalidArgumentError(absl::StrCat("the channel ", kDefaultChannel, " is missing"));
}

}  // namespace arasta::catalog
