#include "tests/integration/notification/shop.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/events/outbox.h"
#include "common/pg/transaction.h"
#include "notification_migrations.h"

namespace arasta::notification {
namespace {

using nlohmann::json;

constexpr int kExitOfCrashPoint = 137;

json Euro(int64_t minor_units) {
  return {{"currency_code", "EUR"}, {"minor_units", minor_units}};
}

}  // namespace

Call AnyCall() {
  return Call::Background("test", absl::Now() + absl::Seconds(10));
}

std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::InboxMigration());
  migrations.push_back(events::InboxSharesMigration());
  return migrations;
}

NewNotification OrderPlaced(const std::string& event_id, const std::string& recipient) {
  return {
      .producer = "order",
      .idempotency_key = event_id,
      .recipient = recipient,
      .message = "order_placed",
      .subject = kOrder,
      .locale = "en",
      .variables = {
          {"order_number", "A-100042"},
          {"place_time", {{"unix_seconds", 1795301823}}},
          {"lines",
           {{{"title", "Green tea"}, {"quantity", 2}, {"unit_price", Euro(499)}, {"line_total", Euro(998)}}}},
          {"subtotal", Euro(998)},
          {"shipping", false},
          {"tax", false},
          {"discount", false},
          {"total", Euro(998)}}};
}

NewNotification Welcome(const std::string& event_id) {
  return {.producer = "auth",
          .idempotency_key = event_id,
          .recipient = kAda,
          .message = "welcome",
          .variables = json::object()};
}

NewNotification RefreshTokenReused(const std::string& event_id) {
  return {.producer = "auth",
          .idempotency_key = event_id,
          .recipient = kAda,
          .message = "refresh_token_reused",
          .variables = {{"revoke_time", {{"unix_seconds", 1795301823}}}}};
}

arasta::order::v1::OrderPlaced PlacedOrder() {
  arasta::order::v1::OrderPlaced order;
  const auto set_euro = [](int64_t minor_units, arasta::type::v1::Money* money) {
    money->set_currency_code("EUR");
    money->set_minor_units(minor_units);
  };
  order.set_order(kOrder);
  order.set_order_number("A-100042");
  order.set_customer(kAda);
  order.set_locale("en");
  auto* line = order.add_lines();
  line->set_title("Green tea");
  line->set_quantity(2);
  set_euro(499, line->mutable_unit_price());
  set_euro(998, line->mutable_total());
  set_euro(998, order.mutable_totals()->mutable_subtotal());
  set_euro(998, order.mutable_totals()->mutable_total());
  return order;
}

arasta::events::v1::Envelope EventOf(const std::string& producer, const google::protobuf::Message& payload) {
  arasta::events::v1::Envelope event;
  event.set_event_id(Uuid::V4().ToString());
  event.set_producer(producer);
  event.set_type(payload.GetDescriptor()->full_name());
  event.set_payload(payload.SerializeAsString());
  return event;
}

void Shop::Accept(const NewNotification& notification) {
  const absl::Status status = pg::InTransaction(database_.pool(), AnyCall(), [&](pqxx::work& tx) {
    notifications_.Accept(tx, AnyCall(), notification);
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
}

void Shop::SendAll() {
  Sender sender({.from_name = "Arasta", .from = *MailAddress::Parse("shop@arasta.example")},
                {.url = smtp_.url(), .require_tls = false}, deliveries_, contacts_, renderer_, RealClock());
  for (;;) {
    const absl::StatusOr<bool> worked = sender.RunOnce();
    ASSERT_TRUE(worked.ok()) << worked.status();
    if (!*worked) return;
  }
}

void Shop::SendUntilCrash(const std::string& crash_point) {
  const std::string url = smtp_.url();
  const pid_t child = fork();
  if (child == 0) {
    setenv("ARASTA_CRASH_POINT", crash_point.c_str(), 1);
    execl(ARASTA_LONE_SENDER, ARASTA_LONE_SENDER, database_.conninfo().c_str(), url.c_str(), nullptr);
    _exit(EXIT_FAILURE);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kExitOfCrashPoint)
      << "it did not die at " << crash_point;
}

void Shop::LetTimePass() {
  database_.Query("UPDATE delivery SET due_time = now() WHERE due_time > now()");
}

LoggedDelivery Shop::OnlyDelivery() {
  const absl::StatusOr<std::vector<LoggedDelivery>> page = deliveries_.List(AnyCall(), {}, std::nullopt, 10);
  EXPECT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->size(), 1u);
  return page->at(0);
}

}  // namespace arasta::notification
