#include "services/order/catalog_rpc_client.h"

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/base/seeded_bug.h"

namespace arasta::order {
namespace {

using Inventory = catalog::v1::InventoryService::Stub;

// An order has one reservation: catalog lets a hold that ran out compete again under its old key.
constexpr int64_t kGeneration = 1;

Variant VariantFrom(const catalog::v1::SellableVariant& proto) {
  Variant variant;
  variant.product = proto.product();
  variant.title = proto.title().empty() ? proto.product_title()
                                        : absl::StrCat(proto.product_title(), ", ", proto.title());
  if (proto.has_price()) {
    variant.price = Price{.currency = proto.price().currency_code(), .amount = proto.price().minor_units()};
  }
  variant.available = proto.available();
  return variant;
}

// The bug: what was quoted once is quoted for ever.
Variants FirstQuoted(const Variants& variants) {
  static Mutex mutex;
  static auto& quoted = *new Variants;
  MutexLock lock(mutex);
  Variants first;
  for (const auto& [sku, variant] : variants) first.emplace(sku, quoted.emplace(sku, variant).first->second);
  return first;
}

// A customer may be told that catalog is away or busy. Any other error is between the two of us.
absl::Status OurOwn(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status) ||
      absl::IsCancelled(status)) {
    return status;
  }
  return absl::InternalError(absl::StrCat("catalog answered ", absl::StatusCodeToString(status.code())));
}

}  // namespace

absl::StatusOr<Variants> CatalogRpcClient::GetVariants(const Call& call, absl::string_view channel,
                                                       const std::vector<std::string>& skus) {
  catalog::v1::BatchGetVariantsRequest request;
  request.set_channel(std::string(channel));
  for (const std::string& sku : skus) request.add_skus(sku);
  const absl::StatusOr<catalog::v1::BatchGetVariantsResponse> response =
      rpc::Invoke(call, inventory_, &Inventory::BatchGetVariants, request);
  if (!response.ok()) return OurOwn(response.status());
  Variants variants;
  for (const catalog::v1::SellableVariant& variant : response->variants()) {
    variants.emplace(variant.sku(), VariantFrom(variant));
  }
  if (SeededBug("cached_price")) return FirstQuoted(variants);
  return variants;
}

Verdict CatalogRpcClient::Reserve(const Call& call, const Order& order) {
  catalog::v1::ReserveStockRequest request;
  request.set_order(order.id.ToName());
  request.set_generation(kGeneration);
  request.set_customer(order.customer);
  for (const OrderLine& line : order.lines) {
    catalog::v1::ReservationLine& wanted = *request.add_lines();
    wanted.set_sku(line.sku);
    wanted.set_quantity(line.quantity);
  }
  return VerdictOf(rpc::Invoke(call, inventory_, &Inventory::ReserveStock, request).status());
}

Verdict CatalogRpcClient::Commit(const Call& call, const OrderId& order) {
  catalog::v1::CommitReservationRequest request;
  request.set_order(order.ToName());
  request.set_generation(kGeneration);
  return VerdictOf(rpc::Invoke(call, inventory_, &Inventory::CommitReservation, request).status());
}

Verdict CatalogRpcClient::Release(const Call& call, const OrderId& order) {
  catalog::v1::ReleaseReservationRequest request;
  request.set_order(order.ToName());
  request.set_generation(kGeneration);
  return VerdictOf(rpc::Invoke(call, inventory_, &Inventory::ReleaseReservation, request).status());
}

}  // namespace arasta::order
