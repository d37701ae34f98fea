// Catalog's RPCs, a line each. Included by main.cc alone, as it brings gRPC.
#pragma once

#include "arasta/catalog/v1/catalog_admin_service.grpc.pb.h"
#include "arasta/catalog/v1/catalog_service.grpc.pb.h"
#include "arasta/catalog/v1/inventory_service.grpc.pb.h"
#include "common/concurrency/worker_pool.h"
#include "common/rpc/service.h"
#include "services/catalog/catalog_admin_service.h"
#include "services/catalog/catalog_service.h"
#include "services/catalog/inventory_service.h"

namespace arasta::catalog {

inline void AddCatalogRpcs(rpc::Server& server, CatalogService& catalog, concurrency::WorkerPool& workers) {
  rpc::Service<v1::CatalogService> service(server, workers);
  service.Add("GetProduct", &CatalogService::GetProduct, catalog);
  service.Add("BatchGetProducts", &CatalogService::BatchGetProducts, catalog);
  service.Add("ListProducts", &CatalogService::ListProducts, catalog);
  service.Add("SearchProducts", &CatalogService::SearchProducts, catalog);
  service.Add("GetCategory", &CatalogService::GetCategory, catalog);
  service.Add("ListCategories", &CatalogService::ListCategories, catalog);
}

// An import takes minutes: it runs on `importers`, so that a few of them never take all workers.
inline void AddCatalogAdminRpcs(rpc::Server& server, CatalogAdminService& admin,
                                concurrency::WorkerPool& workers, concurrency::WorkerPool& importers) {
  rpc::Service<v1::CatalogAdminService> service(server, workers);
  service.Add("CreateProduct", &CatalogAdminService::CreateProduct, admin);
  service.Add("UpdateProduct", &CatalogAdminService::UpdateProduct, admin);
  service.Add("DeleteProduct", &CatalogAdminService::DeleteProduct, admin);
  service.Add("CreateCategory", &CatalogAdminService::CreateCategory, admin);
  service.Add("UpdateCategory", &CatalogAdminService::UpdateCategory, admin);
  service.Add("ImportProducts", &CatalogAdminService::ImportProducts, admin, &importers);
  service.Add("AdjustStock", &CatalogAdminService::AdjustStock, admin);
  service.Add("ListStock", &CatalogAdminService::ListStock, admin);
}

// Checkout has workers of its own, so that a rush of searches does not hold it up.
inline void AddInventoryRpcs(rpc::Server& server, InventoryService& inventory,
                             concurrency::WorkerPool& workers, concurrency::WorkerPool& reservers) {
  rpc::Service<v1::InventoryService> service(server, workers);
  service.Add("BatchGetVariants", &InventoryService::BatchGetVariants, inventory);
  service.Add("ReserveStock", &InventoryService::ReserveStock, inventory, &reservers);
  service.Add("CommitReservation", &InventoryService::CommitReservation, inventory);
  service.Add("ReleaseReservation", &InventoryService::ReleaseReservation, inventory);
  service.Add("GetReservation", &InventoryService::GetReservation, inventory);
}

}  // namespace arasta::catalog
