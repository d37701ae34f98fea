#include "services/order/channels.h"

#include "common/base/errors.h"

namespace arasta::order {

absl::StatusOr<Channel> FindChannel(const shop::Channels& channels, const std::string& name) {
  const auto found = channels.find(name.empty() ? shop::kDefaultChannel : name);
  if (found != channels.end()) return Channel{.name = found->first, .currency = found->second};
  return InvalidField("channel", "is not a channel of this shop", "UNKNOWN_CHANNEL");
}

absl::Status ChannelMismatch() {
  return Error(absl::StatusCode::kFailedPrecondition, "CHANNEL_MISMATCH",
               "the cart holds items of another channel");
}

}  // namespace arasta::order
