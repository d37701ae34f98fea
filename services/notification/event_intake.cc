#include "services/notification/event_intake.h"

#include "common/base/status_macros.h"
#include "services/notification/event_messages.h"
#include "services/notification/message_template.h"

namespace arasta::notification {

absl::Status EventIntake::Apply(const Call& call, pqxx::work& tx,
                                const arasta::events::v1::Envelope& event) const {
  ASSIGN_OR_RETURN(absl::optional<NewNotification> notification, MessageFor(event));
  if (!notification.has_value()) return absl::OkStatus();
  nlohmann::json variables = notification->variables;
  variables["display_name"] = "";
  RETURN_IF_ERROR(renderer_.Render(notification->message, notification->locale, variables).status());
  notifications_.Accept(tx, call, *notification);
  return absl::OkStatus();
}

}  // namespace arasta::notification
