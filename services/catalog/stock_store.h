// The stock ledger on PostgreSQL, for staff and for the sweeper.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/base/uuid.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/catalog/stock.h"

namespace arasta::catalog {

struct Adjustment {
  std::string sku;
  Uuid request_id;
  // One of the two.
  absl::optional<int64_t> delta;
  absl::optional<int64_t> on_hand;
  std::string note;
  // What has to be the same when the request_id comes again.
  std::string fingerprint = {};
};

// Thread-safe.
class StockStore {
 public:
  explicit StockStore(pg::Pool& pool) : pool_(pool) {}

  // At most `limit` SKUs after `after`, in order; only those of `skus`, unless that is empty.
  absl::StatusOr<std::vector<Stock>> List(const Call& call, const std::vector<std::string>& skus,
                                          const std::string& after, int limit);

  // Idempotent by request_id; returns the stock as it then is. INVALID_ARGUMENT with REQUEST_ID_REUSED: the
  // id was used for something else. NOT_FOUND: the SKU. FAILED_PRECONDITION with INSUFFICIENT_STOCK: less
  // would be left than is reserved. OUT_OF_RANGE with STOCK_OVERFLOW: it would be more than `kMostOnHand`.
  absl::StatusOr<Stock> Adjust(const Call& call, const Adjustment& adjustment);

  // Takes holds that ran out of the counters of at most `limit` SKUs, so that there is little left to
  // do for who comes next. Returns how many SKUs there were.
  absl::StatusOr<int> SweepExpiredHolds(const Call& call, int limit);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::catalog
