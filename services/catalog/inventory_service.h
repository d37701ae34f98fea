// The use cases that order needs: inventory_service.proto.
#pragma once

#include "absl/status/statusor.h"
#include "arasta/catalog/v1/inventory_service.pb.h"
#include "common/call/call.h"
#include "services/catalog/product_store.h"
#include "services/catalog/reservation_combiner.h"
#include "services/catalog/reservation_store.h"

namespace arasta::catalog {

// Thread-safe.
class InventoryService {
 public:
  InventoryService(ProductStore& products, ReservationStore& reservations, ReservationCombiner& combiner)
      : products_(products), reservations_(reservations), combiner_(combiner) {}

  absl::StatusOr<v1::BatchGetVariantsResponse> BatchGetVariants(const Call& call,
                                                                const v1::BatchGetVariantsRequest& request);
  absl::StatusOr<v1::Reservation> ReserveStock(const Call& call, const v1::ReserveStockRequest& request);
  absl::StatusOr<v1::Reservation> CommitReservation(const Call& call,
                                                    const v1::CommitReservationRequest& request);
  absl::StatusOr<v1::Reservation> ReleaseReservation(const Call& call,
                                                     const v1::ReleaseReservationRequest& request);
  absl::StatusOr<v1::Reservation> GetReservation(const Call& call, const v1::GetReservationRequest& request);

 private:
  ProductStore& products_;
  ReservationStore& reservations_;
  ReservationCombiner& combiner_;
};

}  // namespace arasta::catalog
