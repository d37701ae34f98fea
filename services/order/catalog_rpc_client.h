// catalog over gRPC.
#pragma once

#include "arasta/catalog/v1/inventory_service.grpc.pb.h"
#include "common/rpc/channel.h"
#include "services/order/catalog_client.h"

namespace arasta::order {

class CatalogRpcClient final : public CatalogClient {
 public:
  explicit CatalogRpcClient(rpc::Channel& channel) : inventory_(channel) {}

  absl::StatusOr<Variants> GetVariants(const Call& call, absl::string_view channel,
                                       const std::vector<std::string>& skus) override;
  Verdict Reserve(const Call& call, const Order& order) override;
  Verdict Commit(const Call& call, const OrderId& order) override;
  Verdict Release(const Call& call, const OrderId& order) override;

 private:
  rpc::Stub<catalog::v1::InventoryService> inventory_;
};

}  // namespace arasta::order
