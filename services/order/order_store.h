// Orders in PostgreSQL: the claim, and reading. What moves an order is in saga_store.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/order/cart_store.h"
#include "services/order/order.h"

namespace arasta::order {

// An order about to be claimed.
struct NewOrder {
  Order order;
  // Whose cart the lines come from, and its version as they were read.
  std::string cart_owner;
  int64_t cart_version = 0;
  // From the provider. Secret; kept until the order is decided.
  std::string payment_token;
};

// What PlaceOrder finds: the order, if the request was claimed before, and else the cart.
struct Prospect {
  absl::optional<Order> order;
  Cart cart;
};

// The place of an order in a list: newest first.
struct OrderCursor {
  absl::Time create_time = absl::InfiniteFuture();
  OrderId id;
};

// An order whose saga does not come to its end.
struct StuckOrder {
  OrderId id;
  OrderState state = OrderState::kPending;
  std::string step;
  int32_t attempts = 0;
  std::string last_error;
  absl::Time phase_time;
  absl::Time due_time;
};

// Where a list of stuck orders goes on: longest first.
struct StuckCursor {
  absl::Time phase_time = absl::InfinitePast();
  OrderId id;
};

// Where a reader of an order's history stands.
struct HistoryPosition {
  OrderId id;
  int64_t after_sequence = 0;
};

// Thread-safe.
class OrderStore {
 public:
  explicit OrderStore(pg::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Prospect> FindProspect(const Call& call, const std::string& cart_owner, const OrderId& id);

  // Inserts the order with its lines, its intended payment and its saga, leased to the caller at epoch 1.
  // False: somebody claimed it before, and it was left alone. Repeatable. ABORTED, claiming nothing:
  // CART_CHANGED since it was read; ORDER_IN_PROGRESS (metadata "order") while another order is buying it.
  absl::StatusOr<bool> Claim(const Call& call, const NewOrder& order);

  // NOT_FOUND when there is none.
  absl::StatusOr<Order> Find(const Call& call, const OrderId& id);

  // At most `limit` orders of these customers after `after`.
  absl::StatusOr<std::vector<Order>> List(const Call& call, const std::vector<std::string>& customers,
                                          const OrderCursor& after, int limit);

  // The moves after `after_sequence`, oldest first.
  absl::StatusOr<std::vector<HistoryEntry>> History(const Call& call, const OrderId& id,
                                                    int64_t after_sequence, int limit);

  // The moves after each position, in one query; at most 50 of each.
  absl::StatusOr<std::vector<std::vector<HistoryEntry>>> HistoryAfter(
      const Call& call, const std::vector<HistoryPosition>& positions);

  absl::StatusOr<std::vector<StuckOrder>> ListStuck(const Call& call, const StuckCursor& after, int limit);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::order
