#include "services/catalog/stock.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

absl::Status UnknownSku(absl::string_view sku) {
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_SKU", absl::StrCat("there is no SKU ", sku),
               {{"sku", std::string(sku)}});
}

absl::Status AlreadyReleased() {
  return Error(absl::StatusCode::kFailedPrecondition, "RESERVATION_RELEASED", "the reservation was released");
}

absl::Status FitsIn(const std::vector<ReservationLine>& lines, const Availability& available) {
  for (const ReservationLine& line : lines) {
    auto found = available.find(line.sku);
    if (found == available.end()) return UnknownSku(line.sku);
    if (found->second < line.quantity) return InsufficientStock(line.sku, found->second);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ReservationLine>> SumLines(const std::vector<ReservationLine>& lines) {
  if (lines.empty()) return InvalidField("lines", "must not be empty", "REQUIRED");
  std::map<std::string, int64_t> sums;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!IsSku(lines[i].sku)) return InvalidField(absl::StrCat("lines[", i, "].sku"), "is not a SKU");
    int64_t& sum = sums[lines[i].sku];
    // Compared before it is added, so that no sum can overflow.
    if (lines[i].quantity < 1 || lines[i].quantity > kMaxQuantity - sum) {
      return InvalidField(absl::StrCat("lines[", i, "].quantity"),
                          absl::StrCat("must be from 1 to ", kMaxQuantity, " for one SKU"), "OUT_OF_RANGE");
    }
    sum += lines[i].quantity;
  }
  std::vector<ReservationLine> summed;
  for (const auto& [sku, quantity] : sums) summed.push_back({sku, quantity});
  return summed;
}

absl::Status InsufficientStock(absl::string_view sku, int64_t available) {
  return Error(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_STOCK",
               absl::StrCat("only ", available, " of ", sku, " available"),
               {{"sku", std::string(sku)}, {"available", absl::StrCat(available)}});
}

absl::Status StockOverflow(absl::string_view sku, int64_t on_hand) {
  return Error(absl::StatusCode::kOutOfRange, "STOCK_OVERFLOW",
               absl::StrCat("at most ", kMostOnHand, " of ", sku, " can be on hand, and ", on_hand, " are"),
               {{"sku", std::string(sku)}, {"on_hand", absl::StrCat(on_hand)}});
}

absl::StatusOr<ReservationTask> OnReserve(const Reservation& reservation,
                                          const std::vector<ReservationLine>& lines) {
  if (reservation.state == ReservationState::kReleased) return AlreadyReleased();
  if (reservation.lines != lines) {
    return Error(absl::StatusCode::kFailedPrecondition, "RESERVATION_MISMATCH",
                 "the reservation exists with other lines");
  }
  return reservation.state == ReservationState::kExpired ? ReservationTask::kHoldAgain
                                                         : ReservationTask::kNothing;
}

absl::StatusOr<ReservationTask> OnCommit(const Reservation& reservation) {
  if (reservation.state == ReservationState::kReleased) return AlreadyReleased();
  return reservation.state == ReservationState::kCommitted ? ReservationTask::kNothing
                                                           : ReservationTask::kSell;
}

ReservationTask OnRelease(const Reservation& reservation) {
  return reservation.state == ReservationState::kReleased ? ReservationTask::kNothing
                                                          : ReservationTask::kGiveBack;
}

std::vector<absl::Status> Allocate(absl::Span<const ReserveRequest* const> requests,
                                   Availability& available) {
  std::vector<absl::Status> outcomes;
  outcomes.reserve(requests.size());
  for (const ReserveRequest* request : requests) {
    outcomes.push_back(FitsIn(request->lines, available));
    if (!outcomes.back().ok()) continue;
    for (const ReservationLine& line : request->lines) available[line.sku] -= line.quantity;
  }
  return outcomes;
}

}  // namespace arasta::catalog
