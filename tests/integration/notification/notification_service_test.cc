#include "services/notification/notification_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "tests/integration/notification/shop.h"
#include "tests/support/call.h"
#include "tests/support/matchers.h"

namespace arasta::notification {
namespace {

using arasta::testing::HasReason;
using arasta::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class NotificationServiceTest : public ::testing::Test, protected Shop {
 protected:
  static Call As(const std::string& name, const std::string& guest = "") {
    auth::Principal principal = arasta::testing::PrincipalOf(auth::Principal::Kind::kUser, name);
    principal.guest = guest;
    return Call::ForTest(std::move(principal));
  }

  v1::ListNotificationsResponse List(const Call& call, int page_size = 0,
                                     const std::string& page_token = "") {
    v1::ListNotificationsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(page_token);
    absl::StatusOr<v1::ListNotificationsResponse> response = service_.ListNotifications(call, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::ListNotificationsResponse();
  }

  absl::StatusOr<v1::Notification> Get(const Call& call, const std::string& name) {
    v1::GetNotificationRequest request;
    request.set_name(name);
    return service_.GetNotification(call, request);
  }

  const NotificationService service_{notifications_, rpc::PageTokens("secret")};
};

TEST_F(NotificationServiceTest, TellsTheRecipientWhatWasWritten) {
  Accept(OrderPlaced("event-1"));
  SendAll();
  const v1::ListNotificationsResponse response = List(As(kAda));
  ASSERT_THAT(response.notifications(), SizeIs(1));
  const v1::Notification& notification = response.notifications(0);
  EXPECT_EQ(notification.recipient(), kAda);
  EXPECT_EQ(notification.template_(), "order_placed");
  EXPECT_EQ(notification.subject(), kOrder);
  EXPECT_EQ(notification.category(), v1::CATEGORY_TRANSACTIONAL);
  EXPECT_EQ(notification.title(), "Your order A-100042");
  EXPECT_THAT(notification.body(), HasSubstr("2 × Green tea"));
  EXPECT_EQ(Get(As(kAda), notification.name())->title(), notification.title());
}

TEST_F(NotificationServiceTest, TellsNobodyElse) {
  Accept(OrderPlaced("event-1"));
  SendAll();
  const std::string name = List(As(kAda)).notifications(0).name();
  const Call eve = As("users/0193f2c4-0000-7000-8000-0000000000ee");
  EXPECT_THAT(List(eve).notifications(), SizeIs(0));
  EXPECT_THAT(Get(eve, name), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(NotificationServiceTest, TellsAUserWhatItsGuestWasTold) {
  Accept(OrderPlaced("event-1", kGuest));
  SendAll();
  EXPECT_THAT(List(As(kAda)).notifications(), SizeIs(0));
  EXPECT_THAT(List(As(kAda, kGuest)).notifications(), SizeIs(1));
}

TEST_F(NotificationServiceTest, HidesWhatIsNotWrittenYet) {
  Accept(OrderPlaced("event-1"));
  EXPECT_THAT(List(As(kAda)).notifications(), SizeIs(0));
}

TEST_F(NotificationServiceTest, PagesNewestFirstWithoutGapsOrRepeats) {
  for (int i = 0; i < 7; ++i) Accept(Welcome(absl::StrCat("event-", i)));
  SendAll();
  std::vector<std::string> names;
  std::string token;
  do {
    const v1::ListNotificationsResponse page = List(As(kAda), 3, token);
    for (const v1::Notification& notification : page.notifications()) names.push_back(notification.name());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(names, SizeIs(7));
  EXPECT_TRUE(std::is_sorted(names.rbegin(), names.rend()));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 7u);
}

TEST_F(NotificationServiceTest, RefusesAnotherReadersToken) {
  for (int i = 0; i < 2; ++i) Accept(Welcome(absl::StrCat("event-", i)));
  SendAll();
  v1::ListNotificationsRequest request;
  request.set_page_size(1);
  request.set_page_token(List(As(kAda), 1).next_page_token());
  ASSERT_FALSE(request.page_token().empty());
  const Call eve = As("users/0193f2c4-0000-7000-8000-0000000000ee");
  EXPECT_THAT(service_.ListNotifications(eve, request).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(NotificationServiceTest, RefusesATokenThatIsNotItsOwn) {
  v1::ListNotificationsRequest request;
  request.set_page_token("bm9uc2Vuc2U");
  const absl::Status status = service_.ListNotifications(As(kAda), request).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()), HasSubstr("page_token"));
}

}  // namespace
}  // namespace arasta::notification
