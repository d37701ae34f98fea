// Order's database: orders, sagas and the ledger (services/order/saga_store.cc in memory), and what must be
// true of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "services/order/move.h"
#include "services/order/order.h"
#include "services/order/saga.h"
#include "services/order/saga_store.h"
#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

struct OrderRow {
  order::Order order;
  std::string token;
  order::SagaRecord record = {};
  int64_t epoch = 1;
  absl::Time due_time = absl::InfinitePast();
  absl::Time phase_time = absl::InfinitePast();
  int attempts = 0;
  bool was_placed = false;
  std::map<std::string, int64_t> accounts = {};  // the ledger's
};

class OrderBook {
 public:
  explicit OrderBook(World& world) : world_(world) {}

  // As OrderStore and SagaStore have them. A lease's holder is known by the epoch.
  absl::StatusOr<bool> Claim(const order::Order& order, const std::string& token);
  absl::StatusOr<order::Order> Find(const order::OrderId& id) const;
  // At most `limit` due ones, or only `id`.
  absl::StatusOr<std::vector<order::SagaLease>> Acquire(const absl::optional<order::OrderId>& id,
                                                        size_t limit);
  absl::StatusOr<absl::optional<order::SagaLease>> Renew(const order::SagaLease& lease);
  absl::StatusOr<absl::optional<order::SagaSnapshot>> Load(const order::SagaLease& lease) const;
  absl::StatusOr<bool> Write(const order::SagaLease& lease, const order::SagaSnapshot& snapshot,
                             const order::Saga& saga);
  absl::Status Reschedule(const order::SagaLease& lease, absl::Duration delay);
  absl::Status RequestCancel(const order::OrderId& id);

  const std::map<order::OrderId, OrderRow>& rows() const { return rows_; }

 private:
  bool MayMove(const OrderRow& row, int64_t epoch, const order::Move& move) const;
  void Apply(OrderRow& row, const order::Move& move, absl::Duration lease);
  void Book(OrderRow& row, const order::Move& move);

  World& world_;
  std::map<order::OrderId, OrderRow> rows_;
};

}  // namespace arasta::simulation
