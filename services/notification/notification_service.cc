#include "services/notification/notification_service.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/notification/page.h"

namespace arasta::notification {
namespace {

v1::Notification ToProto(const Notification& notification) {
  v1::Notification proto;
  proto.set_name(absl::StrCat("notifications/", notification.id.ToString()));
  proto.set_recipient(notification.recipient);
  proto.set_category(CategoryOf(notification.category));
  proto.set_template_(notification.message_template);
  proto.set_subject(notification.subject);
  proto.set_locale(notification.locale);
  proto.set_title(notification.title);
  proto.set_body(notification.body);
  *proto.mutable_create_time() = TimestampOf(notification.create_time);
  return proto;
}

}  // namespace

absl::StatusOr<v1::ListNotificationsResponse> NotificationService::ListNotifications(
    const Call& call, const v1::ListNotificationsRequest& request) const {
  ASSIGN_OR_RETURN(Page page, Page::Of(request, pages_, call.principal().name));
  ASSIGN_OR_RETURN(std::vector<Notification> notifications,
                   notifications_.List(call, call.principal().Names(), page.before, page.size + 1));
  v1::ListNotificationsResponse response;
  response.set_next_page_token(page.TakeNextToken(notifications, pages_));
  for (const Notification& notification : notifications)
    *response.add_notifications() = ToProto(notification);
  return response;
}

absl::StatusOr<v1::Notification> NotificationService::GetNotification(
    const Call& call, const v1::GetNotificationRequest& request) const {
  const absl::optional<Uuid> id = Uuid::Parse(absl::StripPrefix(request.name(), "notifications/"));
  if (!id.has_value()) return NotFound(request.name());
  ASSIGN_OR_RETURN(Notification notification, notifications_.Find(call, *id, call.principal().Names()));
  return ToProto(notification);
}

}  // namespace arasta::notification
