#include "services/notification/smtp_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/notification/smtp_server.h"

namespace arasta::notification {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const MailAddress& From() {
  static const MailAddress address = *MailAddress::Parse("shop@arasta.example");
  return address;
}

const MailAddress& To() {
  static const MailAddress address = *MailAddress::Parse("ada@reader.example");
  return address;
}

SmtpOptions InClear(const SmtpServer& server) {
  return {.url = server.url(), .require_tls = false};
}

AttemptResult Send(const SmtpOptions& options,
                   const std::string& message = "Subject: hello\r\n\r\nhello\r\n") {
  SmtpClient client(options);
  return client.Send(From(), To(), message, [] { return true; });
}

TEST(SmtpClientTest, HandsOverTheBytes) {
  const SmtpServer server;
  const std::string message = "Subject: hello\r\n\r\n.\r\n..two dots\r\nend\r\n";
  const AttemptResult result = Send(InClear(server), message);
  EXPECT_EQ(result.outcome, AttemptOutcome::kSent);
  EXPECT_EQ(result.code, 250);
  ASSERT_THAT(server.mails(), SizeIs(1));
  EXPECT_EQ(server.mails()[0].from, "shop@arasta.example");
  EXPECT_THAT(server.mails()[0].recipients, ElementsAre("ada@reader.example"));
  EXPECT_EQ(server.mails()[0].data, message);
}

TEST(SmtpClientTest, SendsManyOverOneConnection) {
  const SmtpServer server;
  SmtpClient client(InClear(server));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(client.Send(From(), To(), "\r\nx\r\n", [] { return true; }).outcome, AttemptOutcome::kSent);
  EXPECT_THAT(server.mails(), SizeIs(3));
}

struct FaultCase {
  const char* what;
  Fault fault;
  AttemptOutcome outcome;
  int code;
  const char* reason;
};

class SmtpFaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(SmtpFaultTest, IsClassified) {
  SmtpServer server;
  server.FailNext(GetParam().fault);
  const AttemptResult result = Send(InClear(server));
  EXPECT_EQ(TextOf(result.outcome), TextOf(GetParam().outcome));
  EXPECT_EQ(result.code, GetParam().code);
  EXPECT_EQ(result.reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SmtpFaultTest,
    testing::Values(
        FaultCase{"GreetingBusy", Fault::kGreeting421, AttemptOutcome::kTransient, 421, "DEFERRED"},
        FaultCase{"GreetingRefused", Fault::kGreeting554, AttemptOutcome::kTransient, 554, "SERVER_REFUSED"},
        FaultCase{"SenderRefused", Fault::kSender553, AttemptOutcome::kTransient, 553, "SERVER_REFUSED"},
        FaultCase{"RecipientBusy", Fault::kRecipient450, AttemptOutcome::kTransient, 450, "DEFERRED"},
        FaultCase{"RecipientUnknown", Fault::kRecipient550, AttemptOutcome::kPermanent, 550, "REFUSED"},
        FaultCase{"MessageDeferred", Fault::kData451, AttemptOutcome::kTransient, 451, "DEFERRED"},
        FaultCase{"MessageRefused", Fault::kData554, AttemptOutcome::kPermanent, 554, "REFUSED"},
        FaultCase{"DroppedAfterData", Fault::kDropAfterData, AttemptOutcome::kTransient, 0,
                  "CONNECTION_LOST"},
        FaultCase{"DroppedBeforeData", Fault::kDropBeforeData, AttemptOutcome::kTransient, 0,
                  "CONNECTION_LOST"}),
    [](const auto& info) { return info.param.what; });

TEST(SmtpClientTest, TriesLaterWhereNobodyListens) {
  std::string url;
  {
    const SmtpServer server;
    url = server.url();
  }
  const AttemptResult result = Send({.url = url, .require_tls = false});
  EXPECT_EQ(result.outcome, AttemptOutcome::kTransient);
  EXPECT_EQ(result.reason, "UNREACHABLE");
}

TEST(SmtpClientTest, SendsNothingInClearWhereTlsIsRequired) {
  const SmtpServer server(Encryption::kNone);
  const AttemptResult result = Send({.url = server.url(), .require_tls = true});
  EXPECT_EQ(result.outcome, AttemptOutcome::kTransient);
  EXPECT_EQ(result.reason, "TLS_FAILED");
  EXPECT_EQ(server.recipients_seen(), 0);
}

TEST(SmtpClientTest, SendsNothingToACertificateThatDoesNotVerify) {
  const SmtpServer server(Encryption::kStartTls);
  const AttemptResult result = Send({.url = server.url(), .require_tls = true});
  EXPECT_EQ(result.reason, "TLS_FAILED");
  EXPECT_EQ(server.recipients_seen(), 0);
}

TEST(SmtpClientTest, GivesUpWhenTold) {
  SmtpServer server;
  server.FailNext(Fault::kNoAnswer);
  SmtpClient client(InClear(server));
  const AttemptResult result = client.Send(From(), To(), "\r\nx\r\n", [&] { return server.mails().empty(); });
  EXPECT_EQ(result.outcome, AttemptOutcome::kTransient);
  EXPECT_EQ(result.reason, "GIVEN_UP");
  // The next mail goes over another connection: on the old one an answer is still to come.
  const auto go_on = [] { return true; };
  EXPECT_EQ(client.Send(From(), To(), "\r\ny\r\n", go_on).outcome, AttemptOutcome::kSent);
  EXPECT_THAT(server.mails(), SizeIs(2));
}

TEST(SmtpClientTest, EncryptsByStartTls) {
  const SmtpServer server(Encryption::kStartTls);
  const AttemptResult result = Send({.url = server.url(), .require_tls = true, .ca_file = server.ca_file()});
  EXPECT_EQ(result.outcome, AttemptOutcome::kSent);
  ASSERT_THAT(server.mails(), SizeIs(1));
  EXPECT_TRUE(server.mails()[0].encrypted);
}

}  // namespace
}  // namespace arasta::notification
