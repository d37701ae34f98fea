// Events, Notifications and what Tokens leave behind, each a question to one database.
#include "tests/chaos/invariants.h"

namespace arasta::chaos {
namespace {

// Asked of every producer.
constexpr char kDense[] = R"sql(
  SELECT 'partition ' || p.partition || ' head ' || p.head || ', of which there are ' || coalesce(o.count, 0),
         p.head = 0 OR (o.last = p.head AND o.last - o.first + 1 = o.count)
  FROM outbox_partitions p LEFT JOIN (
    SELECT partition, count(*) AS count, min(sequence) AS first, max(sequence) AS last
    FROM outbox WHERE sequence IS NOT NULL GROUP BY partition) o USING (partition))sql";

constexpr char kInOrder[] = R"sql(
  SELECT aggregate || ' version ' || aggregate_version, previous IS NULL OR aggregate_version >= previous
  FROM (SELECT aggregate, aggregate_version, lag(aggregate_version) OVER (
          PARTITION BY aggregate ORDER BY sequence) AS previous
        FROM outbox WHERE sequence IS NOT NULL) o)sql";

constexpr char kRelayed[] = R"sql(
  SELECT event_id || ' of ' || aggregate, sequence <= p.published
  FROM outbox o JOIN outbox_partitions p USING (partition))sql";

const std::vector<Rule> kEvents = {
    {"E1 sequences are dense (auth)", When::kAlways, "auth", kDense},
    {"E1 sequences are dense (catalog)", When::kAlways, "catalog", kDense},
    {"E1 sequences are dense (order)", When::kAlways, "order", kDense},
    {"E1 every event has left (auth)", When::kSettled, "auth", kRelayed},
    {"E1 every event has left (catalog)", When::kSettled, "catalog", kRelayed},
    {"E1 every event has left (order)", When::kSettled, "order", kRelayed},
    {"E1 every placed order is told once", When::kAlways, "order", R"sql(
       SELECT h.order_id || ' is told ' || count(o.event_id) || ' times', count(o.event_id) = 1
       FROM (SELECT DISTINCT order_id FROM order_history WHERE state = 'PLACED'
               AND create_time > now() - interval '7 days') h
       LEFT JOIN outbox o ON o.aggregate = 'orders/' || h.order_id AND o.type LIKE '%.OrderPlaced'
       GROUP BY h.order_id)sql"},
    {"E1 every revoked session is told once", When::kAlways, "auth", R"sql(
       SELECT s.session_id || ' is told ' || count(o.event_id) || ' times', count(o.event_id) = 1
       FROM sessions s LEFT JOIN outbox o
         ON o.aggregate = 'sessions/' || s.session_id AND o.type LIKE '%.SessionRevoked'
       WHERE s.revoked_time > now() - interval '7 days' GROUP BY s.session_id)sql"},
    {"E1 no event is dead", When::kSettled, "notification", R"sql(
       SELECT concat_ws(' ', event_id, d.type, d.last_error), d.event_id IS NULL
       FROM inbox i FULL JOIN dead_letters d USING (event_id))sql"},
    {"E3 sequences follow the aggregate's versions (auth)", When::kAlways, "auth", kInOrder},
    {"E3 sequences follow the aggregate's versions (catalog)", When::kAlways, "catalog", kInOrder},
    {"E3 sequences follow the aggregate's versions (order)", When::kAlways, "order", kInOrder},
};

const std::vector<Rule> kNotifications = {
    {"N1 every mail is decided", When::kSettled, "notification", R"sql(
       SELECT id || ' ' || state || ' ' || reason, state NOT IN ('accepted', 'queued', 'sending') FROM delivery)sql"},
    {"N1 a message means a delivery", When::kAlways, "notification", R"sql(
       SELECT n.id || ' by ' || count(d.id), count(d.id) > 0
       FROM notification n LEFT JOIN delivery d ON d.notification_id = n.id GROUP BY n.id)sql"},
    {"N1 one accepted send a delivery", When::kAlways, "notification", R"sql(
       SELECT delivery_id || ' sent ' || count(*) || ' times', count(*) = 1
       FROM delivery_attempt WHERE outcome = 'sent' GROUP BY delivery_id)sql"},
    {"N1 every attempt is on record", When::kAlways, "notification", R"sql(
       SELECT d.id || ' ' || d.attempt_count || ' attempts, ' || count(a.number) || ' on record',
              d.attempt_count = count(a.number) AND d.attempt_count = coalesce(max(a.number), 0)
       FROM delivery d LEFT JOIN delivery_attempt a ON a.delivery_id = d.id GROUP BY d.id)sql"},
};

const std::vector<Rule> kTokens = {
    {"T1 a session steps once a version", When::kAlways, "auth", R"sql(
       SELECT session_id || ' counter ' || counter || ' version ' || version,
              version = counter + (revoked_time IS NOT NULL)::int
       FROM sessions)sql"},
};

}  // namespace

std::vector<Rule> EventRules() {
  std::vector<Rule> rules;
  for (const auto* each : {&kEvents, &kNotifications, &kTokens}) {
    rules.insert(rules.end(), each->begin(), each->end());
  }
  return rules;
}

}  // namespace arasta::chaos
