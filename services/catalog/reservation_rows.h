// Steps on the reservations' rows inside a transaction. Their order of locks is stock_rows.h's.
#pragma once

#include <map>
#include <pqxx/transaction>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "services/catalog/stock.h"

namespace arasta::catalog {

// A reservation with its lines, as it stands now; nullopt where there is none.
absl::optional<Reservation> LoadReservation(pqxx::work& tx, const ReservationKey& key);

// The same, locked until the transaction ends.
absl::optional<Reservation> LockReservation(pqxx::work& tx, const ReservationKey& key);

// Inserts reservations without lines and returns those that did not exist before.
std::map<ReservationKey, Reservation> ClaimReservations(pqxx::work& tx,
                                                        absl::Span<const ReserveRequest* const> requests);

// Takes claims back that will hold nothing.
void UnclaimReservations(pqxx::work& tx, const std::vector<ReservationKey>& keys);

// Writes the lines of claimed reservations and counts them. The stock is locked and suffices.
void HoldLines(pqxx::work& tx, absl::Span<const ReserveRequest* const> requests);

// Counts the lines of a reservation that ran out once more, until `hold` from now. The stock is locked
// and suffices.
void HoldAgain(pqxx::work& tx, const ReservationKey& key, absl::Duration hold);

// Those lines that the stock no longer counts, because the hold ran out. The stock is locked.
std::vector<ReservationLine> UncountedLines(pqxx::work& tx, const ReservationKey& key);

// Makes a held reservation a sale: its units leave the stock. The stock is locked; the uncounted lines
// have been found to fit. Returns it as it is then.
Reservation SellLines(pqxx::work& tx, Reservation reservation);

// Gives back what a reservation holds or has bought, and closes it. The stock is locked. Returns it as it is
// then.
Reservation GiveBack(pqxx::work& tx, Reservation reservation);

// Closes a reservation that was never made. False where it exists.
bool ForbidReservation(pqxx::work& tx, const ReservationKey& key);

}  // namespace arasta::catalog
