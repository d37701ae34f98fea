// The name of an order: a UUIDv8 derived from who orders and the request, so that a repeat finds the
// same order without looking it up, and the order's row is itself the claim on the request.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/uuid.h"

namespace arasta::order {

// Orders and their child rows are partitioned into this many; it never changes.
inline constexpr int16_t kShards = 16;

// The shard in which all orders of a customer ("users/…", "guests/…") lie.
int16_t ShardOfCustomer(absl::string_view customer);

// A value. Layout: bytes 0–5 are the first of SHA-256(customer), the rest of SHA-256(customer, request).
class OrderId {
 public:
  OrderId() = default;
  explicit OrderId(const Uuid& uuid) : uuid_(uuid) {}

  static OrderId Derive(absl::string_view customer, const Uuid& request_id);
  // From "orders/{uuid}"; anything else is INVALID_ARGUMENT naming `field`.
  static absl::StatusOr<OrderId> FromName(absl::string_view name, absl::string_view field = "name");

  // From the customer's bits: every look-up passes it, so that it touches one partition.
  int16_t shard() const;
  std::string ToName() const;
  std::string ToString() const { return uuid_.ToString(); }
  const Uuid& uuid() const { return uuid_; }

  friend bool operator==(const OrderId&, const OrderId&) = default;
  friend auto operator<=>(const OrderId&, const OrderId&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const OrderId& id) {
    return H::combine(std::move(state), id.uuid_);
  }

 private:
  Uuid uuid_;
};

}  // namespace arasta::order
