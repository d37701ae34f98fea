// Sales channels: a currency, a language, tax rules. One for now.
#pragma once

#include <string>

namespace arasta::order {

inline constexpr char kDefaultChannel[] = "web";

// The language of the default channel.
inline constexpr char kDefaultLocale[] = "en";

inline std::string ChannelOr(const std::string& channel, const std::string& otherwise) {
  return channel.empty() ? otherwise : channel;
}

}  // namespace arasta::order
