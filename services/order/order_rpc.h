// Order's RPCs, a line each. Included by main.cc alone, as it brings gRPC.
#pragma once

#include "arasta/order/v1/cart_service.grpc.pb.h"
#include "arasta/order/v1/order_admin_service.grpc.pb.h"
#include "arasta/order/v1/order_internal_service.grpc.pb.h"
#include "arasta/order/v1/order_service.grpc.pb.h"
#include "common/concurrency/worker_pool.h"
#include "common/rpc/service.h"
#include "services/order/cart_service.h"
#include "services/order/order_service.h"

namespace arasta::order {

// What asks peers runs on `checkout`: a slow catalog or provider leaves the others' workers alone.
inline void AddOrderRpcs(rpc::Server& server, CartService& carts, OrderService& orders,
                         concurrency::WorkerPool& workers, concurrency::WorkerPool& checkout) {
  rpc::Service<v1::CartService> cart(server, checkout);
  cart.Add("GetCart", &CartService::GetCart, carts);
  cart.Add("AddCartItem", &CartService::AddCartItem, carts);
  cart.Add("UpdateCartItem", &CartService::UpdateCartItem, carts);
  cart.Add("RemoveCartItem", &CartService::RemoveCartItem, carts);

  rpc::Service<v1::OrderService> storefront(server, workers);
  storefront.Add("PlaceOrder", &OrderService::PlaceOrder, orders, &checkout);
  storefront.Add("GetOrder", &OrderService::GetOrder, orders);
  storefront.Add("ListOrders", &OrderService::ListOrders, orders);
  storefront.Add("CancelOrder", &OrderService::CancelOrder, orders, &checkout);
  storefront.Add("ListOrderHistory", &OrderService::ListOrderHistory, orders);
  storefront.Add("WatchOrder", &OrderService::WatchOrder, orders);

  rpc::Service<v1::OrderAdminService> admin(server, workers);
  admin.Add("GetOrder", &OrderService::GetAnyOrder, orders);
  admin.Add("ListOrderHistory", &OrderService::ListAnyOrderHistory, orders);
  admin.Add("ListStuckOrders", &OrderService::ListStuckOrders, orders);

  rpc::Service<v1::OrderInternalService> internal(server, workers);
  internal.Add("GetOrderContact", &OrderService::GetOrderContact, orders);
}

}  // namespace arasta::order
