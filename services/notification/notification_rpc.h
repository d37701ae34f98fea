// Table of contents: one line an RPC. Includes gRPC; for main.cc alone.
#pragma once

#include "arasta/notification/v1/notification_admin_service.grpc.pb.h"
#include "arasta/notification/v1/notification_service.grpc.pb.h"
#include "common/concurrency/worker_pool.h"
#include "common/rpc/service.h"
#include "services/notification/notification_admin_service.h"
#include "services/notification/notification_service.h"

namespace arasta::notification {

struct NotificationRpc {
  NotificationRpc(rpc::Server& server, concurrency::WorkerPool& workers, NotificationService& notifications,
                  NotificationAdminService& admin)
      : storefront(server, workers), operators(server, workers) {
    storefront.Add("ListNotifications", &NotificationService::ListNotifications, notifications);
    storefront.Add("GetNotification", &NotificationService::GetNotification, notifications);
    operators.Add("ListDeliveries", &NotificationAdminService::ListDeliveries, admin);
    operators.Add("ListDeadLetters", &NotificationAdminService::ListDeadLetters, admin);
    operators.Add("RedriveDeadLetters", &NotificationAdminService::RedriveDeadLetters, admin);
  }

  rpc::Service<v1::NotificationService> storefront;
  rpc::Service<v1::NotificationAdminService> operators;
};

}  // namespace arasta::notification
