#include "services/order/channels.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "services/order/money.h"

namespace arasta::order {
namespace {

constexpr char kDefaultChannel[] = "web";

}  // namespace

absl::StatusOr<Channels> ParseChannels(absl::string_view text) {
  Channels channels;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<std::string, std::string> channel = absl::StrSplit(part, absl::MaxSplits(':', 1));
    if (channel.first.empty() || !CurrencyExponent(channel.second) || !channels.insert(channel).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", part, "' is not another channel and its ISO 4217 currency, such as web:EUR"));
    }
  }
  if (channels.contains(kDefaultChannel)) return channels;
  return absl::InvalidArgumentError(absl::StrCat("the channel ", kDefaultChannel, " is missing"));
}

absl::StatusOr<Channel> FindChannel(const Channels& channels, const std::string& name) {
  const auto found = channels.find(name.empty() ? kDefaultChannel : name);
  if (found != channels.end()) return Channel{.name = found->first, .currency = found->second};
  return InvalidField("channel", "is not a channel of this shop", "UNKNOWN_CHANNEL");
}

absl::Status ChannelMismatch() {
  return Error(absl::StatusCode::kFailedPrecondition, "CHANNEL_MISMATCH",
               "the cart holds items of another channel");
}

}  // namespace arasta::order
