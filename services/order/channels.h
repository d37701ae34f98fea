// The sales channels of the shop, each with a currency; the same setting as catalog's, which keeps the
// prices.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::order {

// The language of every channel, for now.
inline constexpr char kDefaultLocale[] = "en";

struct Channel {
  std::string name;
  // Of every price in it; none is of an empty one.
  std::string currency;
};

// By name: the ISO 4217 code of the currency.
using Channels = std::map<std::string, std::string>;

// Of a text such as "web:EUR,us:USD". INVALID_ARGUMENT: a part is not a channel and its currency, a channel
// occurs twice, or "web", the default one, is missing.
absl::StatusOr<Channels> ParseChannels(absl::string_view text);

// An empty name means the default one. INVALID_ARGUMENT UNKNOWN_CHANNEL naming the request's field
// `channel`.
absl::StatusOr<Channel> FindChannel(const Channels& channels, const std::string& name);

// FAILED_PRECONDITION CHANNEL_MISMATCH: a cart is of one channel.
absl::Status ChannelMismatch();

}  // namespace arasta::order
