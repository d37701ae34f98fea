// The use cases of carts: arasta.order.v1.CartService.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "arasta/order/v1/cart.pb.h"
#include "arasta/order/v1/cart_service.pb.h"
#include "common/call/call.h"
#include "services/order/cart_store.h"
#include "services/order/catalog_client.h"
#include "services/order/channels.h"

namespace arasta::order {

// Thread-safe.
class CartService {
 public:
  CartService(CartStore& carts, CatalogClient& catalog, const shop::Channels& channels)
      : carts_(carts), catalog_(catalog), channels_(channels) {}

  absl::StatusOr<v1::Cart> GetCart(const Call& call, const v1::GetCartRequest& request);
  absl::StatusOr<v1::Cart> AddCartItem(const Call& call, const v1::AddCartItemRequest& request);
  absl::StatusOr<v1::Cart> UpdateCartItem(const Call& call, const v1::UpdateCartItemRequest& request);
  absl::StatusOr<v1::Cart> RemoveCartItem(const Call& call, const v1::RemoveCartItemRequest& request);

 private:
  // Whose cart `name` is: the caller's, with the guest's merged into it. NOT_FOUND for any other.
  absl::StatusOr<std::string> OwnerOf(const Call& call, const std::string& name);
  absl::StatusOr<v1::Cart> Show(const Call& call, const std::string& owner);

  CartStore& carts_;
  CatalogClient& catalog_;
  const shop::Channels& channels_;
};

}  // namespace arasta::order
