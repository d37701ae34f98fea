// The use cases of orders: arasta.order.v1.OrderService, OrderAdminService, OrderInternalService.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arasta/order/v1/order.pb.h"
#include "arasta/order/v1/order_admin_service.pb.h"
#include "arasta/order/v1/order_internal_service.pb.h"
#include "arasta/order/v1/order_service.pb.h"
#include "common/call/call.h"
#include "common/rpc/page_token.h"
#include "services/order/cart_store.h"
#include "services/order/catalog_client.h"
#include "services/order/channels.h"
#include "services/order/checkout.h"
#include "services/order/order_store.h"
#include "services/order/order_watches.h"
#include "services/order/saga_store.h"

namespace arasta::order {

// Thread-safe.
class OrderService {
 public:
  struct Parts {
    CartStore& carts;
    OrderStore& orders;
    SagaStore& sagas;
    CatalogClient& catalog;
    const shop::Channels& channels;
    Checkout& checkout;
    OrderWatches& watches;
    const rpc::PageTokens& page_tokens;
  };
  explicit OrderService(Parts parts) : parts_(parts) {}

  absl::StatusOr<v1::Order> PlaceOrder(const Call& call, const v1::PlaceOrderRequest& request);
  absl::StatusOr<v1::Order> GetOrder(const Call& call, const v1::GetOrderRequest& request);
  absl::StatusOr<v1::ListOrdersResponse> ListOrders(const Call& call, const v1::ListOrdersRequest& request);
  absl::StatusOr<v1::Order> CancelOrder(const Call& call, const v1::CancelOrderRequest& request);
  absl::StatusOr<v1::ListOrderHistoryResponse> ListOrderHistory(const Call& call,
                                                                const v1::ListOrderHistoryRequest& request);
  absl::Status WatchOrder(const Call& call, const v1::WatchOrderRequest& request, OrderWatches::Watch watch);

  // Staff and peers: the pipeline has checked that they may; the order may be anybody's.
  absl::StatusOr<v1::Order> GetAnyOrder(const Call& call, const v1::GetOrderRequest& request);
  absl::StatusOr<v1::ListOrderHistoryResponse> ListAnyOrderHistory(
      const Call& call, const v1::ListOrderHistoryRequest& request);
  absl::StatusOr<v1::ListStuckOrdersResponse> ListStuckOrders(const Call& call,
                                                              const v1::ListStuckOrdersRequest& request);
  absl::StatusOr<v1::OrderContact> GetOrderContact(const Call& call,
                                                   const v1::GetOrderContactRequest& request);

 private:
  // The order the request asks for, priced now; ABORTED CART_CHANGED where that is not what was expected.
  absl::StatusOr<NewOrder> Price(const Call& call, const v1::PlaceOrderRequest& request, const OrderId& id,
                                 const Cart& cart);
  // NOT_FOUND where it is another's.
  absl::StatusOr<Order> FindOwn(const Call& call, const std::string& name, absl::string_view field);
  absl::StatusOr<v1::ListOrderHistoryResponse> History(const Call& call, const OrderId& id,
                                                       const v1::ListOrderHistoryRequest& request);

  const Parts parts_;
};

}  // namespace arasta::order
