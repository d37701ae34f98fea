// NotificationService: what the shop told me.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "arasta/notification/v1/notification_service.pb.h"
#include "common/call/call.h"
#include "common/rpc/page_token.h"
#include "services/notification/notification_store.h"

namespace arasta::notification {

namespace v1 = arasta::notification::v1;

// Thread-safe.
class NotificationService {
 public:
  NotificationService(const NotificationStore& notifications, rpc::PageTokens pages)
      : notifications_(notifications), pages_(std::move(pages)) {}

  absl::StatusOr<v1::ListNotificationsResponse> ListNotifications(
      const Call& call, const v1::ListNotificationsRequest& request) const;
  absl::StatusOr<v1::Notification> GetNotification(const Call& call,
                                                   const v1::GetNotificationRequest& request) const;

 private:
  const NotificationStore& notifications_;
  const rpc::PageTokens pages_;
};

}  // namespace arasta::notification
