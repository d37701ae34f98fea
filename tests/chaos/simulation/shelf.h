// Catalog's database: stock and reservations (services/catalog/reservation_store.cc in memory), and what
// must be true of them at every moment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/catalog/stock.h"
#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

class Shelf {
 public:
  Shelf(World& world, const std::map<std::string, int64_t>& on_hand);

  catalog::Availability Available() const;

  // One transaction for all; `seen` is what a bug allots from. The answers are those of ReserveStock.
  std::vector<absl::Status> ReserveAll(const std::vector<catalog::ReserveRequest>& requests,
                                       const catalog::Availability& seen);
  absl::Status Commit(const catalog::ReservationKey& key);
  absl::Status Release(const catalog::ReservationKey& key);

  bool IsSold(const catalog::ReservationKey& key) const;
  bool IsHeld(const catalog::ReservationKey& key) const;

 private:
  struct Row {
    catalog::Reservation reservation;
    bool counted = false;  // in the stock's reserved units
  };
  struct Outcomes {
    std::map<catalog::ReservationKey, absl::Status> by_key;
    bool any_held = false;
  };

  Outcomes HoldFresh(const std::vector<catalog::ReserveRequest>& requests, const catalog::Availability& seen);
  absl::Status ReserveAgain(const catalog::ReserveRequest& request);
  // The row with its state as it is now; null where there is none.
  Row* Find(const catalog::ReservationKey& key);
  void FreeExpired();
  void Count(Row& row, bool counted);
  void Hold(const catalog::ReserveRequest& request);
  void Check();

  World& world_;
  std::map<std::string, catalog::Stock> stock_;
  std::map<std::string, int64_t> initial_;
  std::map<catalog::ReservationKey, Row> reservations_;
};

}  // namespace arasta::simulation
