// What order asks of catalog. The port exists for tests; catalog_client_rpc.h is the real one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/call/call.h"
#include "services/order/order.h"
#include "services/order/saga.h"

namespace arasta::order {

struct Price {
  std::string currency;
  int64_t amount = 0;
};

// A SKU as it can be bought now.
struct Variant {
  // "products/{product}".
  std::string product;
  std::string title;
  // nullopt: not sold in the channel.
  absl::optional<Price> price;
  int64_t available = 0;
};

// By SKU; unknown and withdrawn ones are missing.
using Variants = absl::flat_hash_map<std::string, Variant>;

// What catalog's answer about a reservation means to the saga.
Verdict VerdictOf(const absl::Status& answer);

// Thread-safe. Reservations are keyed by the order, so every call may be repeated.
class CatalogClient {
 public:
  virtual ~CatalogClient() = default;

  // Prices and stock, never from a cache.
  virtual absl::StatusOr<Variants> GetVariants(const Call& call, absl::string_view channel,
                                               const std::vector<std::string>& skus) = 0;

  // Holds every line or none.
  virtual Verdict Reserve(const Call& call, const Order& order) = 0;
  // Turns the hold into a sale.
  virtual Verdict Commit(const Call& call, const OrderId& order) = 0;
  // Gives back what is held or sold, and forbids that a late Reserve holds again.
  virtual Verdict Release(const Call& call, const OrderId& order) = 0;
};

}  // namespace arasta::order
