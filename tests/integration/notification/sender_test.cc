#include "services/notification/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/pg/transaction.h"
#include "services/notification/notification_store.h"
#include "tests/integration/notification/shop.h"
#include "tests/support/matchers.h"

namespace arasta::notification {
namespace {

using arasta::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class SenderTest : public ::testing::Test, protected Shop {};

TEST_F(SenderTest, SendsAMailAndLogsIt) {
  Accept(OrderPlaced("event-1"));
  SendAll();
  ASSERT_THAT(smtp_.mails(), SizeIs(1));
  const ReceivedMail mail = smtp_.mails()[0];
  EXPECT_THAT(mail.recipients, ElementsAre("ada@reader.example"));
  EXPECT_EQ(mail.from, "shop@arasta.example");
  EXPECT_EQ(mail.Header("Subject"), "Your order A-100042");
  EXPECT_EQ(mail.Header("Auto-Submitted"), "auto-generated");
  EXPECT_THAT(mail.data, HasSubstr("=E2=82=AC9.98"));

  const LoggedDelivery delivery = OnlyDelivery();
  EXPECT_EQ(delivery.state, DeliveryState::kSent);
  ASSERT_THAT(delivery.attempts, SizeIs(1));
  EXPECT_EQ(delivery.attempts[0].result.outcome, AttemptOutcome::kSent);
  EXPECT_EQ(delivery.attempts[0].result.code, 250);
  EXPECT_EQ(delivery.next_attempt_time, std::nullopt);
}

TEST_F(SenderTest, SendsOneMailForAnEventThatComesTwice) {
  Accept(OrderPlaced("event-1"));
  Accept(OrderPlaced("event-1"));
  SendAll();
  Accept(OrderPlaced("event-1"));
  SendAll();
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
}

TEST_F(SenderTest, ConfirmsAnOrderOnceEvenIfTwoEventsAskForIt) {
  Accept(OrderPlaced("event-1"));
  Accept(OrderPlaced("event-2"));
  SendAll();
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
}

TEST_F(SenderTest, TriesAgainLaterWhenTheServerIsBusy) {
  Accept(OrderPlaced("event-1"));
  smtp_.FailNext(Fault::kRecipient450);
  SendAll();
  EXPECT_THAT(smtp_.mails(), IsEmpty());
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kQueued);
  EXPECT_GT(OnlyDelivery().next_attempt_time, OnlyDelivery().update_time);

  LetTimePass();
  SendAll();
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
  const LoggedDelivery delivery = OnlyDelivery();
  EXPECT_EQ(delivery.state, DeliveryState::kSent);
  ASSERT_THAT(delivery.attempts, SizeIs(2));
  EXPECT_EQ(delivery.attempts[0].result.outcome, AttemptOutcome::kTransient);
  EXPECT_EQ(delivery.attempts[0].result.code, 450);
  EXPECT_EQ(delivery.attempts[1].result.outcome, AttemptOutcome::kSent);
}

TEST_F(SenderTest, BouncesWhatTheServerRefusesForGood) {
  Accept(OrderPlaced("event-1"));
  smtp_.FailNext(Fault::kRecipient550);
  SendAll();
  LetTimePass();
  SendAll();
  EXPECT_EQ(smtp_.recipients_seen(), 1);
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kBounced);
  EXPECT_EQ(OnlyDelivery().reason, "SMTP_550");
}

// Ten failures of a refusal would be hours.
TEST_F(SenderTest, AsksAServerThatWasAwayAgainBeforeHalfAMinute) {
  Accept(OrderPlaced("event-1"));
  for (int attempts = 0; attempts < 10; ++attempts) {
    smtp_.FailNext(attempts % 2 == 0 ? Fault::kDropBeforeData : Fault::kGreeting421);
    LetTimePass();
    SendAll();
    ASSERT_EQ(OnlyDelivery().state, DeliveryState::kQueued);
    EXPECT_LE(*OnlyDelivery().next_attempt_time - OnlyDelivery().update_time, absl::Seconds(26));
  }
}

TEST_F(SenderTest, GivesUpAfterTheLastRetry) {
  Accept(OrderPlaced("event-1"));
  int attempts = 0;
  for (; OnlyDelivery().state != DeliveryState::kDead && attempts < 100; ++attempts) {
    smtp_.FailNext(Fault::kData451);
    LetTimePass();
    SendAll();
  }
  EXPECT_EQ(attempts, 24);
  EXPECT_THAT(smtp_.mails(), IsEmpty());
}

TEST_F(SenderTest, SendsTheSameBytesAtEveryAttempt) {
  Accept(OrderPlaced("event-1"));
  smtp_.FailNext(Fault::kDropAfterData);
  SendAll();
  contacts_.contact = Contact{"ada@moved.example", "Countess", "de"};
  LetTimePass();
  SendAll();
  ASSERT_THAT(smtp_.mails(), SizeIs(2));
  EXPECT_EQ(smtp_.mails()[0].data, smtp_.mails()[1].data);
  EXPECT_EQ(smtp_.mails()[0].recipients, smtp_.mails()[1].recipients);
}

// The attempt's row stays unknown, the end of the lease makes the mail due again, and both copies carry
// one Message-ID.
TEST_F(SenderTest, SendsAtMostOnceMoreAfterDyingBetweenSendAndRecord) {
  Accept(OrderPlaced("event-1"));
  SendUntilCrash("notification.after_send");
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kSending);
  SendAll();
  EXPECT_THAT(smtp_.mails(), SizeIs(1)) << "the dead sender's lease was ignored";

  LetTimePass();
  SendAll();
  LetTimePass();
  SendAll();
  ASSERT_THAT(smtp_.mails(), SizeIs(2));
  EXPECT_THAT(smtp_.mails()[0].Header("Message-ID"), Not(IsEmpty()));
  EXPECT_EQ(smtp_.mails()[0].Header("Message-ID"), smtp_.mails()[1].Header("Message-ID"));
  EXPECT_EQ(OnlyDelivery().attempts[0].result.outcome, AttemptOutcome::kUnknown);
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kSent);
}

TEST_F(SenderTest, SendsOnceAfterDyingBeforeTheSend) {
  Accept(OrderPlaced("event-1"));
  SendUntilCrash("notification.before_send");
  LetTimePass();
  SendAll();
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
}

TEST_F(SenderTest, NeverSendsTwiceHoweverManySendersThereAre) {
  constexpr int kMails = 40;
  for (int i = 0; i < kMails; ++i) Accept(Welcome(absl::StrCat("event-", i)));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] { SendAll(); });
  }
  for (std::thread& thread : threads) thread.join();
  SendAll();
  std::set<std::string> ids;
  for (const ReceivedMail& mail : smtp_.mails()) ids.insert(mail.Header("Message-ID"));
  EXPECT_THAT(ids, SizeIs(kMails));
  EXPECT_THAT(smtp_.mails(), SizeIs(kMails));
}

TEST_F(SenderTest, ForgetsAClaimThatAnotherSenderTookOver) {
  Accept(OrderPlaced("event-1"));
  const ClaimedDelivery first = deliveries_.Claim(AnyCall(), absl::ZeroDuration()).value().value();
  const ClaimedDelivery second = deliveries_.Claim(AnyCall(), absl::Minutes(1)).value().value();
  EXPECT_EQ(first.id, second.id);
  EXPECT_THAT(deliveries_.Settle(AnyCall(), first, {DeliveryState::kSuppressed, "X"}, std::nullopt),
              arasta::testing::HasReason("LEASE_LOST"));
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kAccepted);
}

TEST_F(SenderTest, HoldsOnToWhatTakesLongerThanTheLease) {
  Accept(OrderPlaced("event-1"));
  const ClaimedDelivery first = deliveries_.Claim(AnyCall(), absl::ZeroDuration()).value().value();
  EXPECT_THAT(deliveries_.Renew(AnyCall(), first, absl::Minutes(1)), arasta::testing::IsOk());
  EXPECT_THAT(deliveries_.Claim(AnyCall(), absl::Minutes(1)), IsOkAndHolds(::testing::Eq(std::nullopt)));
  LetTimePass();
  ASSERT_TRUE(deliveries_.Claim(AnyCall(), absl::Minutes(1)).value().has_value());
  EXPECT_THAT(deliveries_.Renew(AnyCall(), first, absl::Minutes(1)),
              arasta::testing::HasReason("LEASE_LOST"));
}

TEST_F(SenderTest, WritesSecurityMailsFirst) {
  for (int i = 0; i < 5; ++i) Accept(Welcome(absl::StrCat("event-", i)));
  Accept(RefreshTokenReused("event-9"));
  const ClaimedDelivery claimed = deliveries_.Claim(AnyCall(), absl::Minutes(1)).value().value();
  EXPECT_EQ(claimed.message_template, "refresh_token_reused");
}

TEST_F(SenderTest, SuppressesWhatHasNoAddress) {
  contacts_.contact = NotFound("users/1");
  Accept(OrderPlaced("event-1"));
  SendAll();
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kSuppressed);
  EXPECT_EQ(OnlyDelivery().reason, "NO_CONTACT");
}

TEST_F(SenderTest, SuppressesAnAddressThatWouldInject) {
  contacts_.contact = Contact{"ada@reader.example>\r\nRCPT TO:<eve@evil.example", "Ada", "en"};
  Accept(OrderPlaced("event-1"));
  SendAll();
  EXPECT_EQ(smtp_.recipients_seen(), 0);
  EXPECT_EQ(OnlyDelivery().reason, "INVALID_ADDRESS");
}

TEST_F(SenderTest, WaitsForThePeerThatKnowsTheAddress) {
  contacts_.contact = absl::UnavailableError("auth is away");
  Accept(OrderPlaced("event-1"));
  SendAll();
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kAccepted);
  contacts_.contact = Contact{"ada@reader.example", "Ada", "en"};
  LetTimePass();
  SendAll();
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kSent);
}

TEST_F(SenderTest, DropsWhatIsTooLate) {
  Accept(OrderPlaced("event-1"));
  database_.Query("UPDATE delivery SET expire_time = now()");
  SendAll();
  EXPECT_THAT(smtp_.mails(), IsEmpty());
  EXPECT_EQ(OnlyDelivery().state, DeliveryState::kExpired);
}

TEST_F(SenderTest, KeepsNoAddressAndNoMessageOfWhatIsFinal) {
  Accept(OrderPlaced("event-1"));
  SendAll();
  EXPECT_EQ(database_.Value<int>("SELECT count(*) FROM delivery WHERE address IS NULL AND message IS NULL"),
            1);
}

TEST_F(SenderTest, WritesInTheReadersLanguage) {
  contacts_.contact = Contact{"ada@reader.example", "Ada", "de-CH"};
  Accept(Welcome("event-1"));
  SendAll();
  ASSERT_THAT(smtp_.mails(), SizeIs(1));
  EXPECT_EQ(smtp_.mails()[0].Header("Subject"), "Willkommen bei Arasta");
  EXPECT_EQ(smtp_.mails()[0].Header("Content-Language"), "de-CH");
}

}  // namespace
}  // namespace arasta::notification
