// Stock and reservations as the shop thinks of them, and who gets what. No I/O.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/uuid.h"

namespace arasta::catalog {

inline constexpr int64_t kMaxQuantity = 10000;
// The most of a SKU that staff may say is there.
inline constexpr int64_t kMostOnHand = 1'000'000'000;
inline constexpr absl::Duration kDefaultHold = absl::Minutes(15);
inline constexpr absl::Duration kLongestHold = absl::Hours(1);

struct Stock {
  std::string sku;
  int64_t on_hand = 0;
  int64_t reserved = 0;
  absl::Time update_time;
  int64_t available() const { return on_hand - reserved; }
};

// Identifies an attempt of an order to buy.
struct ReservationKey {
  Uuid order;
  int64_t generation = 0;
  auto operator<=>(const ReservationKey&) const = default;
};

struct ReservationLine {
  std::string sku;
  int64_t quantity = 0;
  bool operator==(const ReservationLine&) const = default;
};

enum class ReservationState { kHeld, kCommitted, kReleased, kExpired };

struct Reservation {
  ReservationKey key;
  ReservationState state = ReservationState::kHeld;
  std::vector<ReservationLine> lines;
  absl::Time expire_time;
  absl::Time create_time;
  absl::Time update_time;
};

struct ReserveRequest {
  ReservationKey key;
  // As SumLines makes them.
  std::vector<ReservationLine> lines;
  absl::Duration hold = kDefaultHold;
  std::string customer = {};
};

// One line a SKU, by SKU. INVALID_ARGUMENT naming the line where a quantity, alone or summed, is not
// from 1 to `kMaxQuantity` or a SKU is malformed.
absl::StatusOr<std::vector<ReservationLine>> SumLines(const std::vector<ReservationLine>& lines);

// FAILED_PRECONDITION with INSUFFICIENT_STOCK, naming the SKU and what is available of it.
absl::Status InsufficientStock(absl::string_view sku, int64_t available);

// OUT_OF_RANGE with STOCK_OVERFLOW, naming the SKU and what is there of it.
absl::Status StockOverflow(absl::string_view sku, int64_t on_hand);

// What is to be done about a reservation that exists when it is asked for, bought or given back again.
enum class ReservationTask { kNothing, kHoldAgain, kSell, kGiveBack };

// A repeat finds what the reservation has become, except that a hold that ran out competes again.
// FAILED_PRECONDITION: RESERVATION_RELEASED, or RESERVATION_MISMATCH for other lines.
absl::StatusOr<ReservationTask> OnReserve(const Reservation& reservation,
                                          const std::vector<ReservationLine>& lines);
// FAILED_PRECONDITION with RESERVATION_RELEASED.
absl::StatusOr<ReservationTask> OnCommit(const Reservation& reservation);
ReservationTask OnRelease(const Reservation& reservation);

// Available units by SKU.
using Availability = std::map<std::string, int64_t>;

// Serves the requests in order, each wholly or not at all, and takes what they get out of `available`.
// One status a request: OK, INSUFFICIENT_STOCK, or NOT_FOUND with UNKNOWN_SKU.
std::vector<absl::Status> Allocate(absl::Span<const ReserveRequest* const> requests, Availability& available);

}  // namespace arasta::catalog
