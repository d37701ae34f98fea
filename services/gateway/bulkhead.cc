#include "services/gateway/bulkhead.h"

namespace arasta::gateway {

Bulkhead::Bulkhead(const std::string& route, uint32_t most)
    : most_(most),
      refused_(metrics::NewCounter("arasta_gateway_route_full_total",
                                   "Calls refused as too many of their route were under way",
                                   {{"route", route}})) {}

Bulkhead::Place Bulkhead::Enter() {
  Place place(this);
  if (calls_.fetch_add(1, std::memory_order_relaxed) < most_) return place;
  refused_.Increment();
  return nullptr;
}

}  // namespace arasta::gateway
