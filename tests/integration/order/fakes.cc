#include "tests/integration/order/fakes.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::order {
namespace {

// `act` between its two moments; without a disturbance just that. The disturbance is a copy, as it may end
// itself.
Verdict Around(const Disturbance disturbance, const std::string& step, const std::function<Verdict()>& act) {
  if (!disturbance) return act();
  RETURN_IF_ERROR(disturbance(absl::StrCat("before ", step)));
  Verdict verdict = act();
  RETURN_IF_ERROR(disturbance(absl::StrCat("after ", step)));
  return verdict;
}

}  // namespace

absl::StatusOr<Variants> FakeCatalog::GetVariants(const Call&, absl::string_view,
                                                  const std::vector<std::string>& skus) {
  if (const Disturbance disturbance = disturbance_) RETURN_IF_ERROR(disturbance("before get variants"));
  MutexLock lock(mutex_);
  Variants variants;
  for (const std::string& sku : skus) {
    if (!goods_.contains(sku)) continue;
    Variant& variant = variants[sku];
    variant.product = absl::StrCat("products/", sku);
    variant.title = absl::StrCat("Finest ", sku);
    variant.price = Price{.currency = goods_[sku].currency, .amount = goods_[sku].price};
    variant.available = AvailableLocked(sku);
  }
  return variants;
}

Verdict FakeCatalog::Reserve(const Call&, const Order& order) {
  return Around(disturbance_, "reserve", [&]() -> Verdict {
    MutexLock lock(mutex_);
    if (const auto known = reservations_.find(order.id); known != reservations_.end()) {
      if (known->second.state == State::kReleased) return absl::FailedPreconditionError("released");
      return absl::nullopt;
    }
    Reservation reservation;
    for (const OrderLine& line : order.lines) {
      if (!goods_.contains(line.sku)) return Refusal{.reason = CancelReason::kWithdrawn, .sku = line.sku};
      const int64_t available = AvailableLocked(line.sku);
      if (available < line.quantity) {
        return Refusal{.reason = CancelReason::kInsufficientStock, .sku = line.sku, .available = available};
      }
      reservation.quantities[line.sku] += line.quantity;
    }
    reservations_[order.id] = reservation;
    return absl::nullopt;
  });
}

Verdict FakeCatalog::Commit(const Call&, const OrderId& order) {
  return Around(disturbance_, "commit", [&]() -> Verdict {
    MutexLock lock(mutex_);
    const auto reservation = reservations_.find(order);
    if (reservation == reservations_.end() || reservation->second.state == State::kReleased) {
      return absl::FailedPreconditionError("no reservation");
    }
    if (reservation->second.state == State::kCommitted) return absl::nullopt;
    reservation->second.state = State::kCommitted;
    for (const auto& [sku, quantity] : reservation->second.quantities) goods_[sku].on_hand -= quantity;
    return absl::nullopt;
  });
}

Verdict FakeCatalog::Release(const Call&, const OrderId& order) {
  return Around(disturbance_, "release", [&]() -> Verdict {
    MutexLock lock(mutex_);
    Reservation& reservation = reservations_[order];
    if (reservation.state == State::kCommitted) {
      for (const auto& [sku, quantity] : reservation.quantities) goods_[sku].on_hand += quantity;
    }
    reservation.state = State::kReleased;
    return absl::nullopt;
  });
}

int64_t FakeCatalog::AvailableLocked(const std::string& sku) {
  int64_t available = goods_[sku].on_hand;
  for (const auto& [order, reservation] : reservations_) {
    if (reservation.state != State::kHeld) continue;
    const auto held = reservation.quantities.find(sku);
    if (held != reservation.quantities.end()) available -= held->second;
  }
  return available;
}

Verdict DisturbedPayments::Authorize(const Call& call, const PaymentOperation& operation) {
  return Around(disturbance_, "authorize", [&] { return provider_.Authorize(call, operation); });
}

Verdict DisturbedPayments::Capture(const Call& call, const PaymentOperation& operation) {
  return Around(disturbance_, "capture", [&] { return provider_.Capture(call, operation); });
}

Verdict DisturbedPayments::Void(const Call& call, const PaymentOperation& operation) {
  return Around(disturbance_, "void", [&] { return provider_.Void(call, operation); });
}

Verdict DisturbedPayments::Refund(const Call& call, const PaymentOperation& operation) {
  return Around(disturbance_, "refund", [&] { return provider_.Refund(call, operation); });
}

}  // namespace arasta::order
