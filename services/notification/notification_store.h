// What the shop told whom, in PostgreSQL.
#pragma once

#include <optional>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/notification/event_messages.h"
#include "services/notification/message_template.h"

namespace arasta::notification {

// As its recipient may read it.
struct Notification {
  Uuid id;
  std::string recipient;
  Category category = Category::kTransactional;
  std::string message_template;
  std::string subject;
  std::string locale;
  std::string title;
  std::string body;
  absl::Time create_time;
};

// Thread-safe.
class NotificationStore {
 public:
  NotificationStore(pg::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  // Takes the message over in the caller's transaction, with a delivery by mail, under the call's trace.
  // Does nothing where it
  // was accepted before. The template must be a known one.
  void Accept(pqxx::work& tx, const Call& call, const NewNotification& notification) const;

  // NOT_FOUND: no such notification to one of `recipients`, or not written yet.
  absl::StatusOr<Notification> Find(const Call& call, const Uuid& id,
                                    const std::vector<std::string>& recipients) const;

  // Newest first, those older than `before`.
  absl::StatusOr<std::vector<Notification>> List(const Call& call, const std::vector<std::string>& recipients,
                                                 const std::optional<Uuid>& before, int limit) const;

 private:
  pg::Pool& pool_;
  const Clock& clock_;
};

}  // namespace arasta::notification
