// The checker is checked: a healthy shop breaks no rule, and each kind of damage turns its rule red.
#include "tests/chaos/invariants.h"

#include <map>
#include <string>

#include "auth_migrations.h"
#include "catalog_migrations.h"
#include "common/events/outbox.h"
#include "common/jobs/lease.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "notification_migrations.h"
#include "order_migrations.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace arasta::chaos {
namespace {

using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::TestDatabase;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<pg::Migration> With(std::vector<pg::Migration> migrations, const pg::Migration& more) {
  migrations.push_back(more);
  return migrations;
}

// One order over two teas, placed, captured, told by mail.
constexpr char kOrder[] = R"sql(
  INSERT INTO orders (shard, order_id, customer, cart_owner, request_fingerprint, state, version, order_number,
                      channel, locale, currency, subtotal, shipping, tax, discount, total, shipping_address,
                      email, place_time)
  VALUES (3, '00000000-0000-8000-8000-000000000001', 'users/a', 'users/a', '', 'PLACED', 2, 100001, 'web', 'en',
          'EUR', 900, 100, 0, 0, 1000, '', '', now());
  INSERT INTO order_lines VALUES (3, '00000000-0000-8000-8000-000000000001', 1, 'tea', 'products/t', 'Tea', 2, 450, 900);
  INSERT INTO order_history VALUES
    (3, '00000000-0000-8000-8000-000000000001', 1, 'CREATE', 'PENDING', 'PENDING', '', ''),
    (3, '00000000-0000-8000-8000-000000000001', 2, 'PLACE', 'PLACED', 'CAPTURED', '', '');
  INSERT INTO payments VALUES (3, '00000000-0000-8000-8000-000000000001', 'CAPTURED', '', 1000, 1000, 0, '');
  INSERT INTO sagas (shard, order_id, phase, due_time)
  VALUES (3, '00000000-0000-8000-8000-000000000001', 'SETTLED', now());
  INSERT INTO ledger VALUES
    (3, '00000000-0000-8000-8000-000000000001', 2, 'CAPTURE', 'due_from_provider', 'sales', 'EUR', 1000);
  INSERT INTO sandbox_payments VALUES ('00000000-0000-8000-8000-000000000001', 'tok', 'EUR', 1000, 1000, 0, false);
  INSERT INTO outbox (event_id, partition, sequence, sequence_time, aggregate, aggregate_version, type, traceparent,
                      payload)
  VALUES ('00000000-0000-7000-8000-00000000000e', 5, 1, now(), 'orders/1', 2, 'OrderPlaced', '', '');
  UPDATE outbox_partitions SET head = 1, published = 1 WHERE partition = 5)sql";

constexpr char kStock[] = R"sql(
  INSERT INTO stock (sku, on_hand) VALUES ('tea', 8);
  INSERT INTO stock_movement (sku, delta, kind) VALUES ('tea', 10, 'import'), ('tea', -2, 'sale');
  INSERT INTO reservation (order_id, generation, state, expire_time)
  VALUES ('00000000-0000-8000-8000-000000000001', 1, 'committed', now());
  INSERT INTO reservation_line VALUES ('00000000-0000-8000-8000-000000000001', 1, 'tea', 2, false, now()))sql";

constexpr char kMail[] = R"sql(
  INSERT INTO inbox (event_id) VALUES ('00000000-0000-7000-8000-00000000000e');
  INSERT INTO notification (id, producer, idempotency_key, recipient, template, category, subject, variables, locale)
  VALUES ('00000000-0000-7000-8000-000000000002', 'order', 'k', 'users/00000000-0000-4000-8000-00000000000a',
          'order_placed', 2, 'orders/00000000-0000-8000-8000-000000000001', '{}', 'en'))sql";

class InvariantsTest : public ::testing::Test {
 protected:
  InvariantsTest() {
    databases_.at("order").Query(kOrder);
    databases_.at("catalog").Query(kStock);
    databases_.at("notification").Query(kMail);
  }

  absl::StatusOr<std::vector<std::string>> Violations(When now = When::kSettled) {
    Databases conninfos;
    for (const auto& [service, database] : databases_) conninfos[service] = database.owner_conninfo();
    return FindViolations(conninfos, now);
  }

  std::map<std::string, TestDatabase> databases_ = [] {
    std::map<std::string, TestDatabase> databases;
    databases.emplace("auth", With(auth::Migrations(), events::OutboxMigration()));
    databases.emplace("catalog",
                      With(With(catalog::Migrations(), events::OutboxMigration()), jobs::LeaseMigration()));
    databases.emplace("order", With(order::Migrations(), events::OutboxMigration()));
    databases.emplace("notification", With(notification::Migrations(), events::InboxMigration()));
    return databases;
  }();
};

TEST_F(InvariantsTest, AHealthyShopBreaksNone) {
  EXPECT_THAT(Violations(When::kAlways), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Violations(), IsOkAndHolds(IsEmpty()));
}

TEST_F(InvariantsTest, AskedOfSomeDatabasesAloneTheRestIsLeftOut) {
  EXPECT_THAT(
      FindViolations({{"notification", databases_.at("notification").owner_conninfo()}}, When::kSettled),
      IsOkAndHolds(IsEmpty()));
}

struct Damage {
  const char* rule;
  const char* service;
  const char* sql;
};

class DamageTest : public InvariantsTest, public ::testing::WithParamInterface<Damage> {};

TEST_P(DamageTest, TurnsItsRuleRed) {
  databases_.at(GetParam().service).Query(GetParam().sql);
  EXPECT_THAT(Violations(), IsOkAndHolds(Contains(StartsWith(GetParam().rule))));
}

INSTANTIATE_TEST_SUITE_P(
    Each, DamageTest,
    ::testing::Values(
        Damage{"M1", "order", "DELETE FROM ledger"},
        Damage{"M3", "order", "UPDATE order_lines SET unit_price = 1, total = 2"},
        Damage{"M4", "order", "UPDATE payments SET captured = 0"},
        Damage{"M4", "order", "UPDATE orders SET state = 'CANCELLED'"},
        Damage{"M5", "order", "UPDATE sandbox_payments SET captured = 400"},
        Damage{"M5", "order", "INSERT INTO sandbox_payments VALUES ('nobody', 'tok', 'EUR', 5, 0, 0, false)"},
        Damage{"S1", "catalog", "UPDATE stock SET reserved = 1"},
        Damage{"S2 on hand", "catalog", "UPDATE stock SET on_hand = 9"},
        Damage{"S2 what left", "catalog", "UPDATE reservation SET state = 'released'"},
        Damage{"S4", "catalog", "UPDATE reservation_line SET quantity = 1"},
        Damage{"S5", "catalog",
               "UPDATE reservation_line SET counted = true, expire_time = now() + interval '1 hour'"},
        Damage{"O2", "order",
               "INSERT INTO orders SELECT o.* FROM orders, jsonb_populate_record(orders, "
               "'{\"order_id\": \"00000000-0000-8000-8000-000000000002\"}') o"},
        Damage{"O3 the history", "order", "DELETE FROM order_history WHERE sequence = 1"},
        Damage{
            "O3 no order", "order",
            "INSERT INTO order_history VALUES (3, '00000000-0000-8000-8000-000000000001', 3, '', 'EXPIRED', "
            "'PENDING', '', '')"},
        Damage{"O4", "order", "UPDATE sagas SET phase = 'CAPTURING'"},
        Damage{"E sequences", "order", "UPDATE outbox SET sequence = 2"},
        Damage{
            "E3", "order",
            "INSERT INTO outbox (event_id, partition, sequence, sequence_time, aggregate, aggregate_version, "
            "type, traceparent, payload) VALUES (gen_random_uuid(), 5, 2, now(), 'orders/1', 1, '', '', '')"},
        Damage{"E1 every event has left", "order", "UPDATE outbox_partitions SET published = 0"},
        Damage{"E1 every event of order", "notification", "DELETE FROM inbox"},
        Damage{"E2", "notification", "INSERT INTO inbox VALUES (gen_random_uuid())"},
        Damage{"E1 no event is dead", "notification",
               "INSERT INTO dead_letters (producer, partition, event_id, aggregate, aggregate_version, type, "
               "envelope, attempts, last_error) VALUES ('order', 5, gen_random_uuid(), 'a', 1, 't', '', 5, "
               "'e')"},
        Damage{"N1 a confirmation", "notification", "DELETE FROM notification"},
        Damage{"N2", "notification", "UPDATE notification SET subject = 'orders/none'"},
        Damage{"N1 every mail", "notification",
               "INSERT INTO delivery (id, notification_id, channel, priority, expire_time) SELECT "
               "gen_random_uuid(), id, 'email', 2, now() FROM notification"}));

}  // namespace
}  // namespace arasta::chaos
