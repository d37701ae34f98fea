// The sales channel that a cart and an order are of.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/shop/channels.h"

namespace arasta::order {

// The language of every channel, for now.
inline constexpr char kDefaultLocale[] = "en";

struct Channel {
  std::string name;
  // Of every price in it; none is of an empty one.
  std::string currency;
};

// An empty name means the default one. INVALID_ARGUMENT UNKNOWN_CHANNEL naming the request's field
// `channel`.
absl::StatusOr<Channel> FindChannel(const shop::Channels& channels, const std::string& name);

// FAILED_PRECONDITION CHANNEL_MISMATCH: a cart is of one channel.
absl::Status ChannelMismatch();

}  // namespace arasta::order
