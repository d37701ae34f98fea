#include "common/shop/channels.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/shop/currency.h"

namespace arasta::shop {
namespace {

constexpr char kDefaultChannels[] = "web:EUR";

// As the bounds of every field `channel` say.
bool IsChannel(const std::string& name) {
  return !name.empty() && name.size() <= 30 &&
         absl::ascii_islower(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

}  // namespace

absl::StatusOr<Channels> ParseChannels(absl::string_view text) {
  Channels channels;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<std::string, std::string> channel = absl::StrSplit(part, absl::MaxSplits(':', 1));
    if (!IsChannel(channel.first) || !CurrencyExponent(channel.second)) {
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

Channels ReadChannels(config::Config& config) {
  absl::StatusOr<Channels> channels = ParseChannels(config.String(
      "ARASTA_CHANNELS", kDefaultChannels, "Sales channels, each with the currency of its prices"));
  if (channels.ok()) return *std::move(channels);
  config.AddProblem(absl::StrCat("ARASTA_CHANNELS: ", channels.status().message()));
  return *ParseChannels(kDefaultChannels);
}

}  // namespace arasta::shop
