#include "services/catalog/inventory_service.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "services/catalog/names.h"
#include "services/catalog/product_proto.h"

namespace arasta::catalog {
namespace {

template <typename Request>
absl::StatusOr<ReservationKey> KeyOf(const Request& request) {
  ASSIGN_OR_RETURN(Uuid order, ParseOrderName(request.order(), "order"));
  if (request.generation() < 1) return InvalidField("generation", "must be at least 1", "OUT_OF_RANGE");
  return ReservationKey{order, request.generation()};
}

absl::StatusOr<absl::Duration> HoldOf(const v1::ReserveStockRequest& request) {
  if (!request.has_hold_duration()) return kDefaultHold;
  const absl::Duration hold =
      absl::Microseconds(google::protobuf::util::TimeUtil::DurationToMicroseconds(request.hold_duration()));
  if (hold > absl::ZeroDuration() && hold <= kLongestHold) return hold;
  return InvalidField("hold_duration", "must be more than nothing and at most an hour", "OUT_OF_RANGE");
}

v1::SellableVariant ToProto(const SellableVariant& sellable) {
  v1::SellableVariant to;
  to.set_sku(sellable.variant.sku);
  to.set_product(ProductName(sellable.product_id));
  to.set_product_title(sellable.product_title);
  to.set_title(sellable.variant.title);
  if (sellable.variant.price.has_value()) *to.mutable_price() = ToProto(*sellable.variant.price);
  to.set_available(sellable.variant.available);
  to.set_image_uri(sellable.image_uri);
  return to;
}

absl::StatusOr<v1::Reservation> Answer(const absl::StatusOr<Reservation>& reservation) {
  if (!reservation.ok()) return reservation.status();
  return ToProto(*reservation);
}

}  // namespace

absl::StatusOr<v1::BatchGetVariantsResponse> InventoryService::BatchGetVariants(
    const Call& call, const v1::BatchGetVariantsRequest& request) {
  const std::vector<std::string> skus(request.skus().begin(), request.skus().end());
  const std::string channel = request.channel().empty() ? shop::kDefaultChannel : request.channel();
  ASSIGN_OR_RETURN(std::vector<SellableVariant> variants, products_.FindVariants(call, skus, channel));
  std::map<std::string, const SellableVariant*> found;
  for (const SellableVariant& variant : variants) found[variant.variant.sku] = &variant;
  v1::BatchGetVariantsResponse response;
  std::set<std::string> answered;
  for (const std::string& sku : skus) {
    if (!answered.insert(sku).second) continue;
    auto variant = found.find(sku);
    if (variant == found.end()) {
      response.add_missing_skus(sku);
    } else {
      *response.add_variants() = ToProto(*variant->second);
    }
  }
  return response;
}

absl::StatusOr<v1::Reservation> InventoryService::ReserveStock(const Call& call,
                                                               const v1::ReserveStockRequest& request) {
  ReserveRequest reserve;
  ASSIGN_OR_RETURN(reserve.key, KeyOf(request));
  std::vector<ReservationLine> lines;
  for (const v1::ReservationLine& line : request.lines()) lines.push_back({line.sku(), line.quantity()});
  ASSIGN_OR_RETURN(reserve.lines, SumLines(lines));
  ASSIGN_OR_RETURN(reserve.hold, HoldOf(request));
  reserve.customer = request.customer();
  return Answer(combiner_.Reserve(call, std::move(reserve)));
}

absl::StatusOr<v1::Reservation> InventoryService::CommitReservation(
    const Call& call, const v1::CommitReservationRequest& request) {
  ASSIGN_OR_RETURN(ReservationKey key, KeyOf(request));
  return Answer(reservations_.Commit(call, key));
}

absl::StatusOr<v1::Reservation> InventoryService::ReleaseReservation(
    const Call& call, const v1::ReleaseReservationRequest& request) {
  ASSIGN_OR_RETURN(ReservationKey key, KeyOf(request));
  return Answer(reservations_.Release(call, key));
}

absl::StatusOr<v1::Reservation> InventoryService::GetReservation(const Call& call,
                                                                 const v1::GetReservationRequest& request) {
  ASSIGN_OR_RETURN(ReservationKey key, KeyOf(request));
  return Answer(reservations_.Find(call, key));
}

}  // namespace arasta::catalog
