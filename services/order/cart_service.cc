#include "services/order/cart_service.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/request_fingerprint.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "services/order/channels.h"
#include "services/order/money.h"
#include "services/order/order_proto.h"

namespace arasta::order {
namespace {

using google::protobuf::util::TimeUtil;

// "carts/{uuid}" of "users/{uuid}" or "guests/{uuid}".
std::string CartName(const std::string& owner) {
  return absl::StrCat("carts/", std::vector<std::string>(absl::StrSplit(owner, '/')).back());
}

v1::CartLine::Availability AvailabilityOf(const CartLine& line, const Variant& variant) {
  if (!variant.price) return v1::CartLine::AVAILABILITY_WITHDRAWN;
  return variant.available >= line.quantity ? v1::CartLine::AVAILABILITY_AVAILABLE
                                            : v1::CartLine::AVAILABILITY_INSUFFICIENT;
}

absl::StatusOr<v1::CartLine> LineProto(const CartLine& line, const Variant& variant) {
  v1::CartLine proto;
  proto.set_sku(line.sku);
  proto.set_quantity(line.quantity);
  proto.set_product(variant.product);
  proto.set_title(variant.title);
  if (variant.price) {
    ASSIGN_OR_RETURN(const int64_t total, MultiplyAmount(variant.price->amount, line.quantity));
    *proto.mutable_unit_price() = ToProto(variant.price->currency, variant.price->amount);
    *proto.mutable_total() = ToProto(variant.price->currency, total);
  }
  *proto.mutable_added_unit_price() = ToProto(line.added_unit_price.currency, line.added_unit_price.amount);
  proto.set_availability(AvailabilityOf(line, variant));
  *proto.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(line.create_time));
  return proto;
}

std::vector<std::string> SkusOf(const Cart& cart) {
  std::vector<std::string> skus;
  for (const CartLine& line : cart.lines) skus.push_back(line.sku);
  return skus;
}

}  // namespace

absl::StatusOr<v1::Cart> CartService::GetCart(const Call& call, const v1::GetCartRequest& request) {
  ASSIGN_OR_RETURN(const std::string owner, OwnerOf(call, request.name()));
  return Show(call, owner);
}

absl::StatusOr<v1::Cart> CartService::AddCartItem(const Call& call, const v1::AddCartItemRequest& request) {
  ASSIGN_OR_RETURN(const std::string owner, OwnerOf(call, request.name()));
  ASSIGN_OR_RETURN(const Channel channel, FindChannel(channels_, request.channel()));
  ASSIGN_OR_RETURN(Variants variants, catalog_.GetVariants(call, channel.name, {request.sku()}));
  const Variant& variant = variants[request.sku()];
  if (!variant.price) return NotFound(absl::StrCat("variant ", request.sku()));
  const absl::Status payable = CheckPrice(request.sku(), *variant.price, channel.currency);
  if (!payable.ok()) return WithField(payable, "sku", payable.message());

  absl::optional<RequestClaim> claim;
  if (const absl::optional<Uuid> id = Uuid::Parse(request.request_id())) {
    claim = {.method = "AddCartItem", .request_id = *id, .fingerprint = FingerprintOf(request, *id)};
  }
  RETURN_IF_ERROR(carts_.Add(call, owner,
                             {.channel = channel.name,
                              .sku = request.sku(),
                              .quantity = request.quantity(),
                              .unit_price = *variant.price},
                             claim));
  return Show(call, owner);
}

absl::StatusOr<v1::Cart> CartService::UpdateCartItem(const Call& call,
                                                     const v1::UpdateCartItemRequest& request) {
  ASSIGN_OR_RETURN(const std::string owner, OwnerOf(call, request.name()));
  ASSIGN_OR_RETURN(const absl::optional<int64_t> version, VersionFrom(request.etag()));
  RETURN_IF_ERROR(carts_.SetQuantity(call, owner, request.sku(), request.quantity(), version));
  return Show(call, owner);
}

absl::StatusOr<v1::Cart> CartService::RemoveCartItem(const Call& call,
                                                     const v1::RemoveCartItemRequest& request) {
  ASSIGN_OR_RETURN(const std::string owner, OwnerOf(call, request.name()));
  ASSIGN_OR_RETURN(const absl::optional<int64_t> version, VersionFrom(request.etag()));
  RETURN_IF_ERROR(carts_.Remove(call, owner, request.sku(), version));
  return Show(call, owner);
}

absl::StatusOr<std::string> CartService::OwnerOf(const Call& call, const std::string& name) {
  const auth::Principal& principal = call.principal();
  if (name != "carts/me" && name != CartName(principal.name)) return NotFound(name);
  if (!principal.guest.empty()) RETURN_IF_ERROR(carts_.Merge(call, principal.guest, principal.name));
  return principal.name;
}

absl::StatusOr<v1::Cart> CartService::Show(const Call& call, const std::string& owner) {
  ASSIGN_OR_RETURN(const Cart cart, carts_.Find(call, owner));
  v1::Cart proto;
  proto.set_name(CartName(owner));
  proto.set_etag(ToEtag(cart.version));
  // Whatever became of channel and prices since the lines were put in, the cart can be shown.
  const Channel channel =
      FindChannel(channels_, cart.channel).value_or(Channel{.name = cart.channel, .currency = ""});
  proto.set_channel(channel.name);
  if (cart.version > 0) {
    *proto.mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(cart.update_time));
  }
  if (cart.lines.empty()) return proto;

  ASSIGN_OR_RETURN(Variants variants, catalog_.GetVariants(call, channel.name, SkusOf(cart)));
  for (const CartLine& line : cart.lines) {
    Variant& variant = variants[line.sku];
    if (!CheckSellable(line, variants, channel.currency).ok()) variant.price.reset();
    ASSIGN_OR_RETURN(*proto.add_lines(), LineProto(line, variant));
  }
  ASSIGN_OR_RETURN(const Quote quote, QuoteSellable(cart.lines, variants, channel.currency));
  const OrderTotals& totals = quote.totals;
  if (!totals.currency.empty()) *proto.mutable_total() = ToProto(totals.currency, totals.total);
  return proto;
}

}  // namespace arasta::order
