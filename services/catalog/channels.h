// The channels that the shop sells in, each in one currency.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::catalog {

// Where a request names no channel.
inline constexpr char kDefaultChannel[] = "web";

// By the channel's code: the ISO 4217 code of its currency.
using Channels = std::map<std::string, std::string>;

// Of a text such as "web:EUR,us:USD". INVALID_ARGUMENT: a part is not a channel and its currency, a channel
// occurs twice, or the default one is missing.
absl::StatusOr<Channels> ParseChannels(absl::string_view text);

}  // namespace arasta::catalog
