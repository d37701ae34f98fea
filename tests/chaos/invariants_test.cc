// The checker is checked: a healthy shop breaks no rule, and each kind of damage turns its rule red.
#include "tests/chaos/invariants.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
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

using ::arasta::testing::StatusIs;
using ::arasta::testing::TestDatabase;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
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
  VALUES (3, '00000000-0000-8000-8000-000000000001', 'users/a', 'users/a', '', 'PLACED', 3, 100001, 'web', 'en',
          'EUR', 900, 100, 0, 0, 1000, '', '', now());
  INSERT INTO order_lines VALUES (3, '00000000-0000-8000-8000-000000000001', 1, 'tea', 'products/t', 'Tea', 2, 450, 900);
  INSERT INTO order_history VALUES
    (3, '00000000-0000-8000-8000-000000000001', 1, 'CREATE', 'PENDING', 'PENDING', '', ''),
    (3, '00000000-0000-8000-8000-000000000001', 2, 'PLACED', 'PLACED', 'AUTHORIZED', '', ''),
    (3, '00000000-0000-8000-8000-000000000001', 3, 'CAPTURED', 'PLACED', 'CAPTURED', '', '');
  INSERT INTO payments VALUES (3, '00000000-0000-8000-8000-000000000001', 'CAPTURED', '', 1000, 1000, 0, '');
  INSERT INTO sagas (shard, order_id, phase, due_time)
  VALUES (3, '00000000-0000-8000-8000-000000000001', 'SETTLED', now());
  INSERT INTO ledger VALUES
    (3, '00000000-0000-8000-8000-000000000001', 2, 'AUTHORIZE', 'held_at_provider', 'customer_holds', 'EUR', 1000),
    (3, '00000000-0000-8000-8000-000000000001', 3, 'END_HOLD', 'customer_holds', 'held_at_provider', 'EUR', 1000),
    (3, '00000000-0000-8000-8000-000000000001', 3, 'CAPTURE', 'due_from_provider', 'sales', 'EUR', 1000);
  INSERT INTO sandbox_payments VALUES ('00000000-0000-8000-8000-000000000001', 'tok', 'EUR', 1000, 1000, 0, false);
  INSERT INTO sandbox_operations VALUES
    ('1:AUTHORIZE:1', '00000000-0000-8000-8000-000000000001', 'AUTHORIZE', true, ''),
    ('1:CAPTURE:1', '00000000-0000-8000-8000-000000000001', 'CAPTURE', true, '');
  INSERT INTO outbox (event_id, partition, sequence, sequence_time, aggregate, aggregate_version, type, traceparent,
                      payload)
  VALUES ('00000000-0000-7000-8000-00000000000e', 5, 1, now(), 'orders/00000000-0000-8000-8000-000000000001', 2,
          'arasta.order.v1.OrderPlaced', '', '');
  UPDATE outbox_partitions SET head = 1, published = 1 WHERE partition = 5)sql";

constexpr char kStock[] = R"sql(
  INSERT INTO stock (sku, on_hand) VALUES ('tea', 8);
  INSERT INTO stock_movement (sku, delta, kind) VALUES ('tea', 10, 'import');
  INSERT INTO stock_movement (sku, delta, kind, reference) VALUES ('tea', -2, 'sale', 'o:1');
  INSERT INTO reservation (order_id, generation, state, expire_time)
  VALUES ('00000000-0000-8000-8000-000000000001', 1, 'committed', now());
  INSERT INTO reservation_line VALUES ('00000000-0000-8000-8000-000000000001', 1, 'tea', 2, false, now()))sql";

// A new account, and a session that was refreshed once and ended.
constexpr char kAccount[] = R"sql(
  INSERT INTO sessions (session_id, principal, counter, create_time, authenticate_time, rotated_time, expire_time,
                        revoked_time, revoke_reason, version)
  VALUES ('00000000-0000-4000-8000-00000000000b', 'guests/g', 2, now(), now(), now(), now(), now(), 1, 3);
  INSERT INTO outbox (event_id, partition, sequence, sequence_time, aggregate, aggregate_version, type, traceparent,
                      payload)
  VALUES ('00000000-0000-7000-8000-00000000000f', 2, 1, now(), 'users/a', 1, 'arasta.auth.v1.UserRegistered', '', ''),
         ('00000000-0000-7000-8000-000000000010', 3, 1, now(), 'sessions/00000000-0000-4000-8000-00000000000b', 3,
          'arasta.auth.v1.SessionRevoked', '', '');
  UPDATE outbox_partitions SET head = 1, published = 1 WHERE partition IN (2, 3))sql";

constexpr char kMail[] = R"sql(
  INSERT INTO inbox (event_id) VALUES ('00000000-0000-7000-8000-00000000000e'),
    ('00000000-0000-7000-8000-00000000000f'), ('00000000-0000-7000-8000-000000000010');
  INSERT INTO event_partitions (producer, partition, watermark) VALUES ('order', 5, 1), ('auth', 2, 1), ('auth', 3, 1);
  INSERT INTO notification (id, producer, idempotency_key, recipient, template, category, subject, variables, locale)
  VALUES ('00000000-0000-7000-8000-000000000002', 'order', '00000000-0000-7000-8000-00000000000e',
          'users/00000000-0000-4000-8000-00000000000a', 'order_placed', 2,
          'orders/00000000-0000-8000-8000-000000000001', '{}', 'en'),
         ('00000000-0000-7000-8000-000000000003', 'auth', '00000000-0000-7000-8000-00000000000f',
          'users/00000000-0000-4000-8000-00000000000a', 'welcome', 2, '', '{}', 'en');
  INSERT INTO delivery (id, notification_id, channel, priority, expire_time)
  SELECT id, id, 'email', 2, now() + interval '1 hour' FROM notification;
  UPDATE delivery SET state = 'queued', address = 'a@mail.example', message = 'm';
  UPDATE delivery SET state = 'sending', attempt_count = 1;
  UPDATE delivery SET state = 'sent', address = NULL, message = NULL;
  INSERT INTO delivery_attempt (delivery_id, number, provider, outcome) SELECT id, 1, 'smtp', 'sent' FROM delivery)sql";

class InvariantsTest : public ::testing::Test {
 protected:
  InvariantsTest() {
    databases_.at("auth").Query(kAccount);
    databases_.at("order").Query(kOrder);
    databases_.at("catalog").Query(kStock);
    databases_.at("notification").Query(kMail);
  }

  absl::StatusOr<std::vector<Finding>> Examine(When now = When::kSettled) {
    Databases conninfos;
    for (const auto& [service, database] : databases_) conninfos[service] = database.owner_conninfo();
    return chaos::Examine(conninfos, now);
  }

  // The rules that are broken, each with what breaks it.
  std::vector<std::string> Broken(When now = When::kSettled) {
    std::vector<std::string> broken;
    const auto findings = Examine(now);
    for (const Finding& finding : findings.value()) {
      if (!finding.violations.empty())
        broken.push_back(finding.invariant + ": " + finding.violations.front());
    }
    return broken;
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
  EXPECT_THAT(Broken(When::kAlways), IsEmpty());
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(InvariantsTest, AConsumerThatHasNotBegunIsNotAhead) {
  databases_.at("notification").Query("UPDATE event_partitions SET watermark = 0");
  EXPECT_THAT(Broken(When::kAlways), IsEmpty());
}

TEST_F(InvariantsTest, EveryRuleLooksAtSomethingOfAHealthyShop) {
  const auto findings = Examine();
  for (const Finding& finding : findings.value()) {
    // The shop above has no event of catalog.
    if (absl::EndsWith(finding.invariant, "(catalog)")) continue;
    EXPECT_GT(finding.checked, 0) << finding.invariant;
  }
}

TEST_F(InvariantsTest, UnderLoadOnlyWhatAlwaysHoldsIsAsked) {
  const auto always = Examine(When::kAlways), settled = Examine(When::kSettled);
  EXPECT_LT(always->size(), settled->size());
  EXPECT_THAT(*always, Each(Field(&Finding::invariant, Not(StartsWith("O4")))));
}

TEST_F(InvariantsTest, AskedOfSomeDatabasesAloneTheRestIsLeftOut) {
  const auto found =
      chaos::Examine({{"notification", databases_.at("notification").owner_conninfo()}}, When::kSettled);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(*found, Not(IsEmpty()));
  EXPECT_THAT(*found, Each(Field(&Finding::invariant, Not(StartsWith("M")))));
}

TEST_F(InvariantsTest, ADatabaseThatIsAwayIsNoFinding) {
  EXPECT_THAT(chaos::Examine({{"order", "host=/nowhere"}}, When::kAlways),
              StatusIs(absl::StatusCode::kUnavailable));
}

struct Damage {
  const char* rule;
  const char* service;
  const char* sql;
};

class DamageTest : public InvariantsTest, public ::testing::WithParamInterface<Damage> {};

TEST_P(DamageTest, TurnsItsRuleRed) {
  databases_.at(GetParam().service).Query(GetParam().sql);
  EXPECT_THAT(Broken(), Contains(StartsWith(GetParam().rule)));
}

constexpr char kReverse[] =
    "UPDATE outbox SET sequence = sequence + 1 WHERE partition = 5; "
    "INSERT INTO outbox (event_id, partition, sequence, sequence_time, aggregate, aggregate_version, type, "
    "traceparent, payload) SELECT gen_random_uuid(), 5, 1, now(), aggregate, 9, '', '', '' FROM outbox";

INSTANTIATE_TEST_SUITE_P(
    Money, DamageTest,
    ::testing::Values(
        Damage{"M1", "order", "DELETE FROM ledger WHERE action = 'CAPTURE'"},
        Damage{"M2 captured", "order", "UPDATE payments SET authorized = 2000"},
        Damage{"M2 no account", "order",
               "INSERT INTO ledger SELECT shard, order_id, 9, action, credit_account, debit_account, "
               "currency, 3000 "
               "FROM ledger WHERE action = 'CAPTURE'"},
        Damage{"M2 no money is on hold", "order", "DELETE FROM ledger WHERE action = 'END_HOLD'"},
        Damage{"M3", "order", "UPDATE order_lines SET unit_price = 1, total = 2"},
        Damage{"M3", "order", "DELETE FROM order_lines"},
        Damage{"M4", "order", "UPDATE payments SET captured = 0"},
        Damage{"M4", "order", "UPDATE orders SET state = 'CANCELLED'"},
        Damage{"M5 the provider's book", "order", "UPDATE sandbox_payments SET captured = 400"},
        Damage{"M5 the provider's book", "order",
               "INSERT INTO sandbox_payments VALUES ('nobody', 'tok', 'EUR', 5, 0, 0, false)"},
        Damage{
            "M5 the provider is asked", "order",
            "INSERT INTO sandbox_operations SELECT '1:CAPTURE:2', payment, action, false, 'NOT_CAPTURABLE' "
            "FROM sandbox_operations WHERE action = 'CAPTURE'"}));

INSTANTIATE_TEST_SUITE_P(
    Stock, DamageTest,
    ::testing::Values(
        Damage{"S1", "catalog",
               "ALTER TABLE stock DROP CONSTRAINT stock_never_oversold; UPDATE stock SET reserved = 9"},
        Damage{"S2 on hand", "catalog", "UPDATE stock SET on_hand = 9"},
        Damage{"S2 what left", "catalog", "UPDATE reservation SET state = 'released'"},
        Damage{"S3", "catalog", "UPDATE stock SET reserved = 1"},
        Damage{"S4 an order leaves", "catalog",
               "INSERT INTO stock_movement (sku, delta, kind, reference) VALUES ('tea', -2, 'sale', 'o:1')"},
        Damage{"S4 an order leaves", "catalog",
               "INSERT INTO stock_movement (sku, delta, kind, reference) VALUES ('tea', 3, 'return', 'o:1')"},
        Damage{"S4 what is sold", "catalog", "UPDATE reservation_line SET quantity = 1"},
        Damage{"S5", "catalog",
               "UPDATE reservation_line SET counted = true, expire_time = now() + interval '1 hour'"}));

INSTANTIATE_TEST_SUITE_P(
    Orders, DamageTest,
    ::testing::Values(Damage{"O2", "order",
                             "INSERT INTO orders SELECT (jsonb_populate_record(o, "
                             "'{\"order_id\": \"00000000-0000-8000-8000-000000000002\"}')).* FROM orders o"},
                      Damage{"O3 the history", "order", "DELETE FROM order_history WHERE sequence = 1"},
                      Damage{"O3 every move is", "order",
                             "UPDATE order_history SET state = 'EXPIRED' WHERE sequence = 2"},
                      Damage{"O3 every move of the money", "order",
                             "UPDATE order_history SET payment_state = 'REFUNDED' WHERE sequence = 2"},
                      Damage{"O4", "order", "UPDATE sagas SET phase = 'CAPTURING'"},
                      Damage{"O4", "order", "DELETE FROM sagas"}));

INSTANTIATE_TEST_SUITE_P(
    Events, DamageTest,
    ::testing::Values(
        Damage{"E1 sequences", "order", "UPDATE outbox SET sequence = 2"},
        Damage{"E1 sequences", "order", "DELETE FROM outbox"},
        Damage{"E1 every event has left", "order", "UPDATE outbox_partitions SET published = 0"},
        Damage{"E1 every event has left", "auth", "UPDATE outbox SET sequence = NULL, sequence_time = NULL"},
        Damage{"E1 every placed order is told", "order", "UPDATE outbox SET type = 'OrderCancelled'"},
        Damage{"E1 every revoked session", "auth",
               "UPDATE outbox SET type = 'arasta.auth.v1.UserRegistered'"},
        Damage{"E1 every event of order", "notification", "DELETE FROM inbox"},
        Damage{"E1 every event of auth", "notification", "DELETE FROM inbox"},
        Damage{"E1 every placed order has", "notification",
               "UPDATE notification SET idempotency_key = 'k' WHERE template = 'order_placed'"},
        Damage{"E1 every new account", "notification",
               "UPDATE notification SET idempotency_key = 'k' WHERE template = 'welcome'"},
        Damage{"E1 no event is dead", "notification",
               "INSERT INTO dead_letters (producer, partition, event_id, aggregate, aggregate_version, type, "
               "envelope, attempts, last_error) VALUES ('order', 5, gen_random_uuid(), 'a', 1, 't', '', 5, "
               "'e')"},
        Damage{"E2 no effect", "notification", "INSERT INTO inbox VALUES (gen_random_uuid())"},
        Damage{"E2 no message", "notification", "UPDATE notification SET idempotency_key = 'k' || id"},
        Damage{"E2 no watermark", "notification", "UPDATE event_partitions SET watermark = 2"},
        Damage{"E3", "order", kReverse}));

INSTANTIATE_TEST_SUITE_P(
    NotificationsAndTokens, DamageTest,
    ::testing::Values(
        Damage{"N1 a confirmation", "notification", "UPDATE notification SET subject = 'orders/none'"},
        Damage{"N2", "notification", "UPDATE notification SET subject = 'orders/none'"},
        Damage{"N1 every mail", "notification",
               "INSERT INTO delivery (id, notification_id, channel, priority, expire_time) SELECT "
               "gen_random_uuid(), id, 'in_app', 2, now() FROM notification"},
        Damage{"N1 a message", "notification", "DELETE FROM delivery_attempt; DELETE FROM delivery"},
        Damage{"N1 one accepted", "notification",
               "INSERT INTO delivery_attempt (delivery_id, number, provider, outcome) "
               "SELECT id, 2, 'smtp', 'sent' FROM delivery"},
        Damage{"N1 every attempt", "notification", "DELETE FROM delivery_attempt"},
        Damage{"T1", "auth", "UPDATE sessions SET counter = 3"}));

}  // namespace
}  // namespace arasta::chaos
