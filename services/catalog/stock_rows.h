// Steps on the stock's rows inside a transaction, shared by the stores that change stock.
//
// Everybody locks in the same order: reservations by key, then stock rows by SKU; so transactions wait
// for each other but never in a circle.
#pragma once

#include <map>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include "services/catalog/stock.h"

namespace arasta::catalog {

// Locks the rows of those of `skus` that exist, in order, and takes holds that ran out by now, on the
// database's clock, out of `reserved`. The result is exact until the transaction ends.
std::map<std::string, Stock> LockStock(pqxx::work& tx, const std::vector<std::string>& skus);

Availability AvailabilityOf(const std::map<std::string, Stock>& stock);

std::vector<std::string> SkusOf(const std::vector<ReservationLine>& lines);

// An array literal for `$n::text[]`.
std::string TextArray(const std::vector<std::string>& values);

}  // namespace arasta::catalog
