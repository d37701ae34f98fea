// JSON over plain HTTP, by the rules of google.api.http.
#pragma once

#include "services/gateway/front_choice.h"
#include "services/gateway/request_head.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {

// The method that a rule names for the request, or why there is none.
FrontChoice ChooseRest(const RequestHead& head, const RouteTable& routes);

}  // namespace arasta::gateway
