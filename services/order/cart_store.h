// Carts in PostgreSQL. Every change locks the cart's row first, so changes of one cart come one after
// another and sums are right however many come at once.
#pragma once

#include <array>
#include <cstdint>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/base/hash.h"
#include "common/base/mutex.h"
#include "common/base/uuid.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/order/quote.h"

namespace arasta::order {

// An empty one has no channel.
struct Cart {
  // Raised by one with every change; the etag.
  int64_t version = 0;
  std::string channel;
  std::vector<CartLine> lines;
  absl::Time update_time = absl::InfinitePast();
};

// A quantity of a SKU on top of what is there.
struct CartAddition {
  std::string channel;
  std::string sku;
  int32_t quantity = 0;
  Price unit_price;
};

// A client's claim on a change; a repeat finds it.
struct RequestClaim {
  std::string method;
  Uuid request_id;
  // SHA-256 of the request.
  std::string fingerprint;
};

// For stores that read a cart in a transaction of theirs. An absent cart is an empty one.
Cart ReadCart(pqxx::work& tx, const std::string& owner);

// Takes what was bought out of the cart the order came from; what was added since, or
// taken out and put in again, stays.
void RemoveBought(pqxx::work& tx, const std::string& owner, int16_t shard, const std::string& order_id);

// Thread-safe. Owners are principals' names. Changes of one cart take turns before they take a connection,
// so that a busy cart holds one and not all of them.
class CartStore {
 public:
  explicit CartStore(pg::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Cart> Find(const Call& call, const std::string& owner);

  // Applies `addition` once per `claim`, or every time without one. RESOURCE_EXHAUSTED CART_FULL,
  // FAILED_PRECONDITION CHANNEL_MISMATCH, INVALID_ARGUMENT REQUEST_ID_REUSED.
  absl::Status Add(const Call& call, const std::string& owner, const CartAddition& addition,
                   const absl::optional<RequestClaim>& claim);

  // Sets a line's quantity. NOT_FOUND without the line; ABORTED where the version is not `if_version`.
  absl::Status SetQuantity(const Call& call, const std::string& owner, const std::string& sku,
                           int32_t quantity, absl::optional<int64_t> if_version);

  // Removes a line, if it is there. ABORTED as above.
  absl::Status Remove(const Call& call, const std::string& owner, const std::string& sku,
                      absl::optional<int64_t> if_version);

  // Moves the guest's lines into the user's cart, once: a second time there is nothing to move. What both
  // have is added up, the guest's other lines follow while there is room; what goes over a limit is cut off.
  // While an order is buying them they stay the guest's.
  absl::Status Merge(const Call& call, const std::string& guest, const std::string& user);

  // Forgets claims of more than 72 hours ago.
  absl::Status PruneRequests(const Call& call);

 private:
  // Carts share turns by their hash, which bounds the number of locks.
  Mutex& TurnOf(const std::string& owner) { return turns_[StableHash(owner) % turns_.size()]; }

  pg::Pool& pool_;
  std::array<Mutex, 64> turns_;
};

}  // namespace arasta::order
