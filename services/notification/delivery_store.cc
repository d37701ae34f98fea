#include "services/notification/delivery_store.h"

#include <map>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/seeded_bug.h"
#include "common/pg/array.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"

namespace arasta::notification {
namespace {

Uuid UuidOf(const pqxx::field& field) {
  return Uuid::Parse(field.c_str()).value();
}

absl::Status LeaseLost() {
  return Error(absl::StatusCode::kAborted, "LEASE_LOST", "another sender has claimed the delivery");
}

ClaimedDelivery ClaimedOf(const pqxx::row& row) {
  return ClaimedDelivery{.id = UuidOf(row["id"]),
                         .epoch = row["epoch"].as<int64_t>(),
                         .state = DeliveryStateOf(row["state"].c_str()),
                         .expired = row["expired"].as<bool>(),
                         .attempt = row["attempt_count"].as<int>(),
                         .failures = row["failure_count"].as<int>(),
                         .notification = UuidOf(row["notification_id"]),
                         .traceparent = row["traceparent"].c_str(),
                         .recipient = row["recipient"].c_str(),
                         .message_template = row["template"].c_str(),
                         .subject = row["subject"].c_str(),
                         .locale = row["locale"].c_str(),
                         .variables = nlohmann::json::parse(row["variables"].c_str()),
                         .address = row["address"].c_str(),
                         .message = row["message"].c_str()};
}

LoggedDelivery LoggedOf(const pqxx::row& row) {
  return LoggedDelivery{.id = UuidOf(row["id"]),
                        .notification = UuidOf(row["notification_id"]),
                        .recipient = row["recipient"].c_str(),
                        .channel = row["channel"].c_str(),
                        .category = static_cast<Category>(row["category"].as<int>()),
                        .message_template = row["template"].c_str(),
                        .subject = row["subject"].c_str(),
                        .state = DeliveryStateOf(row["state"].c_str()),
                        .reason = row["reason"].c_str(),
                        .create_time = pg::FromTimestamp(row["create_time"]),
                        .update_time = pg::FromTimestamp(row["update_time"]),
                        .expire_time = pg::FromTimestamp(row["expire_time"]),
                        .next_attempt_time = pg::FromNullableTimestamp(row["next_attempt_time"]),
                        .attempts = {}};
}

Attempt AttemptOf(const pqxx::row& row) {
  return Attempt{.number = row["number"].as<int>(),
                 .provider = row["provider"].c_str(),
                 .result = {.outcome = AttemptOutcomeOf(row["outcome"].c_str()),
                            .code = row["code"].as<int>(),
                            .reason = row["reason"].c_str(),
                            .latency = absl::Milliseconds(row["latency_ms"].as<int64_t>())},
                 .start_time = pg::FromTimestamp(row["start_time"])};
}

}  // namespace

// The end of a lease makes a delivery due again, so the work of a sender that died is found by the same
// index. A row whose lock another sender holds is skipped, not waited for.
constexpr char kClaimSql[] = R"sql(
  WITH due AS (
    SELECT id FROM delivery
    WHERE state IN ('accepted', 'queued', 'sending') AND due_time <= now()
    ORDER BY priority, due_time
    LIMIT 1
    FOR UPDATE SKIP LOCKED),
  claimed AS (
    UPDATE delivery
    SET state = CASE delivery.state WHEN 'queued' THEN 'sending' ELSE delivery.state END,
        epoch = epoch + 1,
        due_time = now() + make_interval(secs => $1),
        attempt_count = attempt_count + CASE WHEN delivery.state = 'accepted' OR expire_time <= now() THEN 0 ELSE 1 END
    FROM due
    WHERE delivery.id = due.id
    RETURNING delivery.*, expire_time <= now() AS expired),
  attempt AS (
    INSERT INTO delivery_attempt (delivery_id, number, provider)
    SELECT id, attempt_count, 'smtp' FROM claimed WHERE state = 'sending' AND NOT expired)
  SELECT claimed.id, epoch, state, expired, attempt_count, failure_count, notification_id, traceparent, recipient,
         template, subject, locale, variables, address, message
  FROM claimed JOIN notification ON notification.id = notification_id
)sql";

// The bug: leases by this process's clock instead of the database's.
std::string ClaimSql() {
  if (!SeededBug("local_clock_leases")) return kClaimSql;
  return absl::StrReplaceAll(kClaimSql,
                             {{"now()", absl::StrCat("timestamptz '", pg::ToTimestamp(absl::Now()), "'")}});
}

absl::StatusOr<std::optional<ClaimedDelivery>> DeliveryStore::Claim(const Call& call,
                                                                    absl::Duration lease) const {
  return pg::InTransaction(
      pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::optional<ClaimedDelivery>> {
        const pqxx::result rows = tx.exec_params(ClaimSql(), absl::ToDoubleSeconds(lease));
        if (rows.empty()) return std::nullopt;
        return ClaimedOf(rows.front());
      });
}

constexpr char kRenewSql[] = R"sql(
  UPDATE delivery SET due_time = now() + make_interval(secs => $3) WHERE id = $1 AND epoch = $2
)sql";

absl::Status DeliveryStore::Renew(const Call& call, const ClaimedDelivery& claimed,
                                  absl::Duration lease) const {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    const pqxx::result renewed =
        tx.exec_params(kRenewSql, claimed.id.ToString(), claimed.epoch, absl::ToDoubleSeconds(lease));
    return renewed.affected_rows() == 0 ? LeaseLost() : absl::OkStatus();
  });
}

constexpr char kFreezeSql[] = R"sql(
  UPDATE delivery SET state = 'queued', address = $3, message = $4, failure_count = 0, reason = '', due_time = now()
  WHERE id = $1 AND epoch = $2
)sql";

constexpr char kWriteSql[] = R"sql(
  UPDATE notification SET locale = $2, title = $3, body = $4 WHERE id = $1
)sql";

absl::Status DeliveryStore::Freeze(const Call& call, const ClaimedDelivery& claimed,
                                   const RenderedMessage& rendered, const std::string& address,
                                   const std::string& message) const {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    const pqxx::result frozen =
        tx.exec_params(kFreezeSql, claimed.id.ToString(), claimed.epoch, address, message);
    if (frozen.affected_rows() == 0) return LeaseLost();
    tx.exec_params(kWriteSql, claimed.notification.ToString(), rendered.locale, rendered.subject,
                   rendered.text);
    return absl::OkStatus();
  });
}

constexpr char kSettleSql[] = R"sql(
  UPDATE delivery
  SET state = $3, reason = $4, failure_count = $5, due_time = now() + make_interval(secs => $6),
      address = CASE WHEN $3 = 'queued' THEN address END, message = CASE WHEN $3 = 'queued' THEN message END
  WHERE id = $1 AND epoch = $2
)sql";

constexpr char kEndAttemptSql[] = R"sql(
  UPDATE delivery_attempt SET outcome = $3, code = $4, reason = $5, latency_ms = $6
  WHERE delivery_id = $1 AND number = $2
)sql";

absl::Status DeliveryStore::Settle(const Call& call, const ClaimedDelivery& claimed, const NextStep& next,
                                   const std::optional<AttemptResult>& attempt) const {
  const bool again = next.state == DeliveryState::kAccepted || next.state == DeliveryState::kQueued;
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    const pqxx::result settled =
        tx.exec_params(kSettleSql, claimed.id.ToString(), claimed.epoch, TextOf(next.state), next.reason,
                       claimed.failures + (again ? 1 : 0), absl::ToDoubleSeconds(next.delay));
    if (settled.affected_rows() == 0) return LeaseLost();
    if (attempt.has_value()) {
      tx.exec_params(kEndAttemptSql, claimed.id.ToString(), claimed.attempt, TextOf(attempt->outcome),
                     attempt->code, attempt->reason, absl::ToInt64Milliseconds(attempt->latency));
    }
    return absl::OkStatus();
  });
}

constexpr char kListSql[] = R"sql(
  SELECT delivery.id, notification_id, recipient, channel, category, template, subject, state, reason,
         delivery.create_time, update_time, expire_time,
         CASE WHEN state IN ('accepted', 'queued') THEN due_time END AS next_attempt_time
  FROM delivery JOIN notification ON notification.id = notification_id
  WHERE ($1 = '' OR state = $1) AND ($2 = '' OR recipient = $2) AND ($3 = '' OR subject = $3)
    AND ($4::uuid IS NULL OR delivery.id < $4)
  ORDER BY delivery.id DESC
  LIMIT $5
)sql";

constexpr char kAttemptsSql[] = R"sql(
  SELECT delivery_id, number, provider, outcome, code, reason, start_time, latency_ms
  FROM delivery_attempt
  WHERE delivery_id = ANY ($1::uuid[])
  ORDER BY delivery_id, number
)sql";

// Those of the whole page in one query.
void AddAttempts(pqxx::work& tx, std::vector<LoggedDelivery>& page) {
  std::map<Uuid, LoggedDelivery*> by_id;
  std::vector<std::string> ids;
  for (LoggedDelivery& delivery : page) {
    by_id[delivery.id] = &delivery;
    ids.push_back(delivery.id.ToString());
  }
  for (const pqxx::row& row : tx.exec_params(kAttemptsSql, pg::ToArray(ids))) {
    by_id.at(UuidOf(row["delivery_id"]))->attempts.push_back(AttemptOf(row));
  }
}

absl::StatusOr<std::vector<LoggedDelivery>> DeliveryStore::List(const Call& call,
                                                                const DeliveryFilter& filter,
                                                                const std::optional<Uuid>& before,
                                                                int limit) const {
  const std::string state = filter.state.has_value() ? TextOf(*filter.state) : "";
  std::optional<std::string> cursor;
  if (before.has_value()) cursor = before->ToString();
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<LoggedDelivery>> {
    std::vector<LoggedDelivery> page;
    for (const pqxx::row& row :
         tx.exec_params(kListSql, state, filter.recipient, filter.subject, cursor, limit)) {
      page.push_back(LoggedOf(row));
    }
    AddAttempts(tx, page);
    return page;
  });
}

}  // namespace arasta::notification
