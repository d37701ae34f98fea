// What a process reads from its environment to find a Redis and be let in.
#pragma once

#include <string>

#include "common/config/config.h"
#include "common/redis/redis.h"

namespace arasta::redis {

// `name`, such as "ARASTA_EVENTS_REDIS", and `name` followed by _CA, _USER and _PASSWORD. `which` says which
// Redis it is. Over a network, production insists on TLS and a password.
Options ReadOptions(config::Config& config, const std::string& name, const std::string& which);
// The same where there may be none: then without an address.
Options ReadOptionalOptions(config::Config& config, const std::string& name, const std::string& which);

}  // namespace arasta::redis
