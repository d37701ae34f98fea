// The sales channels of the shop, each in one currency: catalog keeps their prices and order sells in them.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/config/config.h"

namespace arasta::shop {

// Where a request names no channel.
inline constexpr char kDefaultChannel[] = "web";

// By the channel's name: the ISO 4217 code of its currency.
using Channels = std::map<std::string, std::string>;

// Of a text such as "web:EUR,us:USD". INVALID_ARGUMENT: a part is not a channel that the contracts can name
// and its currency, a channel occurs twice, or the default one is missing.
absl::StatusOr<Channels> ParseChannels(absl::string_view text);

// Those of ARASTA_CHANNELS; the default one alone, and a problem of `config`, where they can't be parsed.
Channels ReadChannels(config::Config& config);

}  // namespace arasta::shop
