#include "services/notification/notification_store.h"

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"

namespace arasta::notification {
namespace {

Uuid UuidOf(const pqxx::field& field) {
  return Uuid::Parse(field.c_str()).value();
}

Notification NotificationOf(const pqxx::row& row) {
  return Notification{.id = UuidOf(row["id"]),
                      .recipient = row["recipient"].c_str(),
                      .category = static_cast<Category>(row["category"].as<int>()),
                      .message_template = row["template"].c_str(),
                      .subject = row["subject"].c_str(),
                      .locale = row["locale"].c_str(),
                      .title = row["title"].c_str(),
                      .body = row["body"].c_str(),
                      .create_time = pg::FromTimestamp(row["create_time"])};
}

// A principal has one name, or two when it was a guest before. Nobody's matches no row.
struct TwoNames {
  explicit TwoNames(const std::vector<std::string>& names)
      : first(names.empty() ? "" : names.front()), second(names.empty() ? "" : names.back()) {}

  std::string first;
  std::string second;
};

}  // namespace

// The delivery is only made with its notification, so a repeat adds neither.
constexpr char kAcceptSql[] = R"sql(
  WITH accepted AS (
    INSERT INTO notification (id, producer, idempotency_key, recipient, template, category, subject, locale, variables,
                              traceparent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $12)
    ON CONFLICT DO NOTHING
    RETURNING id)
  INSERT INTO delivery (id, notification_id, channel, priority, expire_time)
  SELECT $10, id, 'email', $6, now() + make_interval(secs => $11) FROM accepted
)sql";

void NotificationStore::Accept(pqxx::work& tx, const Call& call, const NewNotification& notification) const {
  const MessageTemplate& message = *FindMessageTemplate(notification.message);
  const absl::Time now = clock_.Now();
  tx.exec_params(kAcceptSql, Uuid::V7(now).ToString(), notification.producer, notification.idempotency_key,
                 notification.recipient, notification.message, static_cast<int>(message.category),
                 notification.subject, notification.locale, notification.variables.dump(),
                 Uuid::V7(now).ToString(), absl::ToInt64Seconds(message.lifetime),
                 call.trace().ToTraceparent());
}

constexpr char kFindSql[] = R"sql(
  SELECT id, recipient, category, template, subject, locale, title, body, create_time
  FROM notification
  WHERE id = $1 AND recipient IN ($2, $3) AND title IS NOT NULL
)sql";

absl::StatusOr<Notification> NotificationStore::Find(const Call& call, const Uuid& id,
                                                     const std::vector<std::string>& recipients) const {
  const TwoNames names(recipients);
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Notification> {
    const pqxx::result rows = tx.exec_params(kFindSql, id.ToString(), names.first, names.second);
    if (rows.empty()) return NotFound(absl::StrCat("notifications/", id.ToString()));
    return NotificationOf(rows.front());
  });
}

constexpr char kListSql[] = R"sql(
  SELECT id, recipient, category, template, subject, locale, title, body, create_time
  FROM notification
  WHERE recipient IN ($1, $2) AND title IS NOT NULL AND ($3::uuid IS NULL OR id < $3)
  ORDER BY id DESC
  LIMIT $4
)sql";

absl::StatusOr<std::vector<Notification>> NotificationStore::List(const Call& call,
                                                                  const std::vector<std::string>& recipients,
                                                                  const std::optional<Uuid>& before,
                                                                  int limit) const {
  const TwoNames names(recipients);
  std::optional<std::string> cursor;
  if (before.has_value()) cursor = before->ToString();
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<Notification>> {
    std::vector<Notification> notifications;
    for (const pqxx::row& row : tx.exec_params(kListSql, names.first, names.second, cursor, limit)) {
      notifications.push_back(NotificationOf(row));
    }
    return notifications;
  });
}

}  // namespace arasta::notification
