// NotificationAdminService: what became of each message, and events that could not be applied.
#pragma once

#include "absl/status/statusor.h"
#include "arasta/notification/v1/notification_admin_service.pb.h"
#include "common/call/call.h"
#include "common/events/dead_letters.h"
#include "common/rpc/page_token.h"
#include "services/notification/delivery_store.h"

namespace arasta::notification {

namespace v1 = arasta::notification::v1;

// Thread-safe.
class NotificationAdminService {
 public:
  NotificationAdminService(const DeliveryStore& deliveries, events::DeadLetters& dead_letters,
                           rpc::PageTokens pages)
      : deliveries_(deliveries), dead_letters_(dead_letters), pages_(std::move(pages)) {}

  absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(const Call& call,
                                                            const v1::ListDeliveriesRequest& request) const;
  absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(
      const Call& call, const v1::ListDeadLettersRequest& request) const;
  absl::StatusOr<v1::RedriveDeadLettersResponse> RedriveDeadLetters(
      const Call& call, const v1::RedriveDeadLettersRequest& request) const;

 private:
  const DeliveryStore& deliveries_;
  events::DeadLetters& dead_letters_;
  const rpc::PageTokens pages_;
};

}  // namespace arasta::notification
