// The processes order talks to, as tests want them: a catalog in memory, and payments that can be
// disturbed around a real sandbox provider.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "services/order/catalog_client.h"
#include "services/order/payment_provider.h"

namespace arasta::order {

// Called as "before reserve", "after reserve" … around every question to a peer; what it throws ends the
// drive, as a dead process does. An error it returns is the answer.
using Disturbance = std::function<absl::Status(const std::string& moment)>;

// Thrown by a Disturbance: the process is gone.
struct Died {};

// Stock, prices and reservations by the contract of InventoryService. Thread-safe.
class FakeCatalog final : public CatalogClient {
 public:
  struct Goods {
    int64_t price = 0;
    int64_t on_hand = 0;
    std::string currency = "EUR";
  };

  explicit FakeCatalog(Disturbance& disturbance) : disturbance_(disturbance) {}

  void Put(const std::string& sku, Goods goods) {
    MutexLock lock(mutex_);
    goods_[sku] = goods;
  }
  void Withdraw(const std::string& sku) {
    MutexLock lock(mutex_);
    goods_.erase(sku);
  }
  // On hand and not held.
  int64_t Available(const std::string& sku) {
    MutexLock lock(mutex_);
    return AvailableLocked(sku);
  }
  int64_t OnHand(const std::string& sku) {
    MutexLock lock(mutex_);
    return goods_[sku].on_hand;
  }

  absl::StatusOr<Variants> GetVariants(const Call&, absl::string_view,
                                       const std::vector<std::string>& skus) override;
  Verdict Reserve(const Call& call, const Order& order) override;
  Verdict Commit(const Call& call, const OrderId& order) override;
  Verdict Release(const Call& call, const OrderId& order) override;

 private:
  enum class State { kHeld, kCommitted, kReleased };
  struct Reservation {
    State state = State::kHeld;
    std::map<std::string, int64_t> quantities;
  };

  int64_t AvailableLocked(const std::string& sku) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Disturbance& disturbance_;
  Mutex mutex_;
  std::map<std::string, Goods> goods_ ABSL_GUARDED_BY(mutex_);
  std::map<OrderId, Reservation> reservations_ ABSL_GUARDED_BY(mutex_);
};

// Passes on to `provider`, disturbed.
class DisturbedPayments final : public PaymentProvider {
 public:
  DisturbedPayments(PaymentProvider& provider, Disturbance& disturbance)
      : provider_(provider), disturbance_(disturbance) {}

  Verdict Authorize(const Call& call, const PaymentOperation& operation) override;
  Verdict Capture(const Call& call, const PaymentOperation& operation) override;
  Verdict Void(const Call& call, const PaymentOperation& operation) override;
  Verdict Refund(const Call& call, const PaymentOperation& operation) override;

 private:
  PaymentProvider& provider_;
  Disturbance& disturbance_;
};

}  // namespace arasta::order
