// The handler of the event bus: turns an event into an accepted notification.
#pragma once

#include <pqxx/transaction>

#include "absl/status/status.h"
#include "arasta/events/v1/events.pb.h"
#include "common/call/call.h"
#include "services/notification/notification_store.h"
#include "services/notification/renderer.h"

namespace arasta::notification {

// Thread-safe.
class EventIntake {
 public:
  EventIntake(const NotificationStore& notifications, const Renderer& renderer)
      : notifications_(notifications), renderer_(renderer) {}

  // Runs in the inbox transaction and asks nobody outside it: the address is looked up by the sender.
  // Renders once for nobody, so that an event no mail can be written from becomes a dead letter here
  // instead of a dead delivery later.
  absl::Status Apply(const Call& call, pqxx::work& tx, const arasta::events::v1::Envelope& event) const;

 private:
  const NotificationStore& notifications_;
  const Renderer& renderer_;
};

}  // namespace arasta::notification
