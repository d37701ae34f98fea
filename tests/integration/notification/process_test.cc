// The program itself: between a real database, Redis, mail server and peers over gRPC; drained and killed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_internal_service.grpc.pb.h"
#include "arasta/order/v1/order_events.pb.h"
#include "arasta/order/v1/order_internal_service.grpc.pb.h"
#include "common/base/errors.h"
#include "common/concurrency/worker_pool.h"
#include "common/events/event_feed.h"
#include "common/events/feed_rpc.h"
#include "common/events/outbox.h"
#include "common/events/relay.h"
#include "common/pg/transaction.h"
#include "common/rpc/server.h"
#include "common/rpc/service.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/notification/smtp_server.h"
#include "tests/support/call.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"
#include "tests/support/redis.h"

namespace arasta::notification {
namespace {

namespace auth_v1 = arasta::auth::v1;
namespace order_v1 = arasta::order::v1;
using arasta::testing::Eventually;
using arasta::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kUser[] = "users/0193f2c4-0000-7000-8000-0000000000ad";
constexpr char kGuest[] = "guests/0193f2c4-0000-7000-8000-0000000000ae";
constexpr char kOrder[] = "orders/0193f2c4-0000-7000-8000-0000000000af";
constexpr char kUserAddress[] = "ada@reader.example";
constexpr char kGuestAddress[] = "grace@reader.example";

// What auth and order know of people.
class AddressBook {
 public:
  absl::StatusOr<auth_v1::Contact> GetContact(const Call&, const auth_v1::GetContactRequest& request) {
    if (request.name() != kUser) return NotFound(request.name());
    auth_v1::Contact contact;
    contact.set_name(request.name());
    contact.set_email(kUserAddress);
    contact.set_display_name("Ada");
    contact.set_locale("en");
    return contact;
  }

  absl::StatusOr<order_v1::OrderContact> GetOrderContact(const Call&,
                                                         const order_v1::GetOrderContactRequest& request) {
    if (request.name() != kOrder) return NotFound(request.name());
    order_v1::OrderContact contact;
    contact.set_customer(kGuest);
    contact.set_email(kGuestAddress);
    contact.set_locale("de");
    return contact;
  }
};

// Auth and order in one: their address books over gRPC, order's outbox and relay.
class Peers {
 public:
  explicit Peers(const std::string& redis_address) : redis_({.address = redis_address}) {
    rpc::Service<auth_v1::AuthInternalService> auth(server_, workers_);
    auth.Add("GetContact", &AddressBook::GetContact, addresses_);
    rpc::Service<order_v1::OrderInternalService> order(server_, workers_);
    order.Add("GetOrderContact", &AddressBook::GetOrderContact, addresses_);
    events::RegisterEventFeed(server_, workers_, feed_);
    EXPECT_THAT(server_.Start(), IsOk());
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", server_.port()); }

  void PlaceOrder(const std::string& customer) {
    order_v1::OrderPlaced order;
    order.set_order(kOrder);
    order.set_order_number("A-100042");
    order.set_customer(customer);
    for (auto* money :
         {order.mutable_totals()->mutable_subtotal(), order.mutable_totals()->mutable_total()}) {
      money->set_currency_code("EUR");
      money->set_minor_units(998);
    }
    const Call call = Call::ForTest({});
    EXPECT_THAT(pg::InTransaction(outbox_.pool(), call,
                                  [&](pqxx::work& tx) {
                                    events::Append(tx, call, {kOrder, 1, order});
                                    return absl::OkStatus();
                                  }),
                IsOk());
    EXPECT_TRUE(relay_.RunOnce().ok());
  }

 private:
  AddressBook addresses_;
  redis::Pool redis_;
  arasta::testing::TestDatabase outbox_{{events::OutboxMigration()}};
  events::EventFeed feed_{outbox_.pool(), "order"};
  events::Relay relay_{outbox_.pool(), redis_, RealClock(), {.producer = "order"}};
  concurrency::WorkerPool workers_{"peers", 4, 16};
  rpc::Server server_{{.threads = 2}};
};

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() { EXPECT_EQ(Run("migrate"), 0) << Log(); }

  std::vector<std::string> CommandLine(const std::string& command) const {
    return {"/usr/bin/env",
            "ARASTA_PROFILE=" + profile_,
            "ARASTA_CRASH_POINT=" + crash_point_,
            "ARASTA_DATABASE_URL=" + database_.conninfo(),
            "ARASTA_MIGRATION_DATABASE_URL=" + database_.owner_conninfo(),
            "ARASTA_EVENTS_REDIS=" + redis_.address(),
            "ARASTA_AUTH_ADDRESS=" + peers_.address(),
            "ARASTA_ORDER_ADDRESS=" + peers_.address(),
            "ARASTA_SMTP_URL=" + smtp_.url(),
            "ARASTA_SMTP_FROM=Arasta <shop@arasta.example>",
            "ARASTA_SMTP_REQUIRE_TLS=false",
            ARASTA_NOTIFICATION_PROGRAM,
            command};
  }

  void Start(const std::string& command = "serve") {
    process_ = std::make_unique<arasta::testing::ChildProcess>(
        CommandLine(command), arasta::testing::RunAs{getuid(), getgid()}, log_, SIGKILL);
  }

  // To its end; the exit code.
  int Run(const std::string& command) {
    Start(command);
    return WEXITSTATUS(process_->Wait());
  }

  std::string Log() const {
    std::ifstream log(log_);
    return {std::istreambuf_iterator<char>(log), {}};
  }

  bool AwaitMails(size_t count) {
    return Eventually([&] { return smtp_.mails().size() >= count; });
  }

  // The time that a lease takes to run out.
  void EndLeases() {
    database_.Query("UPDATE delivery SET due_time = now()");
    database_.Query("UPDATE event_partitions SET lease_expire_time = now()");
    database_.Query("DELETE FROM event_replicas");
  }

  arasta::testing::TempDir dir_{"arasta-notification"};
  const std::string log_ = dir_.path() + "/log";
  std::string profile_ = "test";
  std::string crash_point_;
  arasta::testing::TestDatabase database_{{}};
  arasta::testing::TestRedis redis_;
  SmtpServer smtp_;
  Peers peers_{redis_.address()};
  std::unique_ptr<arasta::testing::ChildProcess> process_;
};

TEST_F(ProcessTest, MailsAUserAtTheAddressThatAuthKnowsAndDrains) {
  Start();
  peers_.PlaceOrder(kUser);
  ASSERT_TRUE(AwaitMails(1)) << Log();
  EXPECT_THAT(smtp_.mails()[0].recipients, ElementsAre(kUserAddress));
  EXPECT_EQ(smtp_.mails()[0].Header("Subject"), "Your order A-100042");
  process_->Signal(SIGTERM);
  const int status = process_->Wait();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_THAT(Log(), Not(HasSubstr(kUserAddress)));
  EXPECT_THAT(Log(), Not(HasSubstr("Ada")));
}

TEST_F(ProcessTest, MailsAGuestAtTheAddressThatOrderKnows) {
  Start();
  peers_.PlaceOrder(kGuest);
  ASSERT_TRUE(AwaitMails(1)) << Log();
  EXPECT_THAT(smtp_.mails()[0].recipients, ElementsAre(kGuestAddress));
  EXPECT_EQ(smtp_.mails()[0].Header("Subject"), "Ihre Bestellung A-100042");
}

TEST_F(ProcessTest, DyingAfterTheSendMailsAtMostOnceMoreUnderTheSameId) {
  crash_point_ = "notification.after_send";
  Start();
  peers_.PlaceOrder(kUser);
  process_->Wait();
  ASSERT_THAT(smtp_.mails(), SizeIs(1));
  crash_point_ = "";
  EndLeases();
  Start();
  ASSERT_TRUE(AwaitMails(2)) << Log();
  EXPECT_EQ(smtp_.mails()[0].Header("Message-ID"), smtp_.mails()[1].Header("Message-ID"));
  EXPECT_TRUE(
      Eventually([&] { return database_.Value<std::string>("SELECT state FROM delivery") == "sent"; }));
}

// Nobody helps: the lease of the dead sender runs out by itself.
TEST_F(ProcessTest, MailsWhatADeadSenderHeldWithinSeconds) {
  crash_point_ = "notification.before_send";
  Start();
  peers_.PlaceOrder(kUser);
  process_->Wait();
  EXPECT_THAT(smtp_.mails(), SizeIs(0));
  crash_point_ = "";
  Start();
  EXPECT_TRUE(Eventually([&] { return smtp_.mails().size() == 1; }, absl::Seconds(30))) << Log();
}

TEST_F(ProcessTest, MailsNothingTwiceAfterARestart) {
  Start();
  peers_.PlaceOrder(kUser);
  ASSERT_TRUE(AwaitMails(1)) << Log();
  EXPECT_TRUE(
      Eventually([&] { return database_.Value<std::string>("SELECT state FROM delivery") == "sent"; }));
  process_->Signal(SIGKILL);
  process_->Wait();
  // All that was consumed comes once more.
  database_.Query("UPDATE event_partitions SET watermark = 0");
  EndLeases();
  Start();
  EXPECT_TRUE(Eventually([&] {
    return database_.Value<int64_t>("SELECT sum(watermark) FROM event_partitions WHERE producer = 'order'") ==
           1;
  }));
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
}

TEST_F(ProcessTest, RefusesToSendInClearInProduction) {
  profile_ = "production";
  EXPECT_EQ(Run("serve"), 2);
  EXPECT_THAT(Log(), HasSubstr("ARASTA_SMTP_REQUIRE_TLS"));
}

}  // namespace
}  // namespace arasta::notification
