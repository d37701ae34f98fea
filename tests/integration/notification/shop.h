// The small language of the tests of this room: a database, an SMTP server, an address book, and what
// happens in a shop.
#pragma once

#include <string>
#include <vector>

#include "arasta/events/v1/events.pb.h"
#include "arasta/order/v1/order_events.pb.h"
#include "common/base/clock.h"
#include "services/notification/contacts.h"
#include "services/notification/delivery_store.h"
#include "services/notification/event_messages.h"
#include "services/notification/notification_store.h"
#include "services/notification/renderer.h"
#include "services/notification/sender.h"
#include "tests/integration/notification/smtp_server.h"
#include "tests/support/postgres.h"

namespace arasta::notification {

inline constexpr char kAda[] = "users/0193f2c4-0000-7000-8000-0000000000ad";
inline constexpr char kGuest[] = "guests/0193f2c4-0000-7000-8000-0000000000ae";
inline constexpr char kOrder[] = "orders/0193f2c4-0000-7000-8000-0000000000af";

class FakeContacts : public Contacts {
 public:
  absl::StatusOr<Contact> Find(const Call&, const std::string&, const std::string&) override {
    return contact;
  }

  absl::StatusOr<Contact> contact = Contact{"ada@reader.example", "Ada", "en"};
};

Call AnyCall();
std::vector<pg::Migration> AllMigrations();

NewNotification OrderPlaced(const std::string& event_id, const std::string& recipient = kAda);
NewNotification Welcome(const std::string& event_id);
NewNotification RefreshTokenReused(const std::string& event_id);

// As the order service tells it, and in the bus's envelope under an event id of its own.
arasta::order::v1::OrderPlaced PlacedOrder();
arasta::events::v1::Envelope EventOf(const std::string& producer, const google::protobuf::Message& payload);

class Shop {
 protected:
  void Accept(const NewNotification& notification);
  // Until nothing is due. May be called from several threads.
  void SendAll();
  // In a process of its own, which must die at the crash point.
  void SendUntilCrash(const std::string& crash_point);
  // Ends every wait and every lease.
  void LetTimePass();
  LoggedDelivery OnlyDelivery();

  arasta::testing::TestDatabase database_{AllMigrations()};
  SmtpServer smtp_;
  FakeContacts contacts_;
  const Renderer renderer_{EmbeddedTemplates(), "Arasta"};
  const DeliveryStore deliveries_{database_.pool()};
  const NotificationStore notifications_{database_.pool(), RealClock()};
};

}  // namespace arasta::notification
