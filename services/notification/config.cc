#include "services/notification/config.h"

#include "absl/strings/strip.h"
#include "common/pg/urls.h"
#include "common/redis/settings.h"
#include "common/rpc/process.h"

namespace arasta::notification {
namespace {

SmtpOptions ReadSmtp(config::Config& config) {
  SmtpOptions smtp;
  smtp.url = config.Required("ARASTA_SMTP_URL", "smtp://host:port or smtps://host of the mail server");
  absl::string_view server = smtp.url;
  const bool mail = absl::ConsumePrefix(&server, "smtp://") || absl::ConsumePrefix(&server, "smtps://");
  if (!smtp.url.empty() && (!mail || server.empty() || server.find_first_of("/@ ") != server.npos)) {
    config.AddProblem("ARASTA_SMTP_URL is not smtp[s]://host[:port]");
  }
  smtp.require_tls =
      config.Bool("ARASTA_SMTP_REQUIRE_TLS", true, "Send nothing in clear; false is for local and test");
  smtp.ca_file = config.File("ARASTA_SMTP_CA", "PEM file to check the server by; empty: the system's");
  smtp.user = config.String("ARASTA_SMTP_USER", "", "Login at the mail server; empty: none");
  smtp.password = config.OptionalSecret("ARASTA_SMTP_PASSWORD", "Password of the login");
  smtp.timeout = config.Duration("ARASTA_SMTP_TIMEOUT", absl::Seconds(60), absl::Seconds(1),
                                 absl::Minutes(10), "The longest attempt to hand over a mail");
  if (!smtp.require_tls && config.IsProduction()) {
    config.AddProblem("ARASTA_SMTP_REQUIRE_TLS=false is for the profiles local and test");
  }
  if (!smtp.require_tls && !smtp.user.empty()) {
    config.AddProblem("ARASTA_SMTP_USER needs ARASTA_SMTP_REQUIRE_TLS: a password never travels in clear");
  }
  return smtp;
}

Mailbox ReadFrom(config::Config& config) {
  const absl::StatusOr<Mailbox> from =
      ParseMailbox(config.Required("ARASTA_SMTP_FROM", "Who mails are from: Shop <shop@shop.example>"));
  if (from.ok()) return *from;
  config.AddProblem("ARASTA_SMTP_FROM is no mailbox like Shop <shop@shop.example>");
  return ParseMailbox("nobody@nowhere.invalid").value();
}

}  // namespace

NotificationConfig ReadConfig(config::Config& config) {
  return {
      .database_url = pg::ReadServingUrl(config),
      .migration_database_url = pg::ReadMigratingUrl(config),
      .workers = static_cast<int>(
          config.Int("ARASTA_DATABASE_CONNECTIONS", 8, 1, 100, "For calls; workers are as many")),
      .events_redis = redis::ReadOptions(config, "ARASTA_EVENTS_REDIS", "the event Redis"),
      .order_address = rpc::ReadPeerAddress(config, "order"),
      .smtp = ReadSmtp(config),
      .from = ReadFrom(config),
      .senders =
          static_cast<int>(config.Int("ARASTA_SENDERS", 4, 1, 64, "Mails that are sent at the same time")),
      .page_token_secret = config.Secret("ARASTA_PAGE_TOKEN_SECRET",
                                         "Signs page tokens; the same on every replica", "local-page-tokens"),
  };
}

}  // namespace arasta::notification
