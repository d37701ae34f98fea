// The OpenAPI 3.1 document of everything that is served over REST, written from the contracts.
#pragma once

#include <string>

#include "services/gateway/routes.h"

namespace arasta::gateway {

std::string OpenApi(const RouteTable& routes);

}  // namespace arasta::gateway
