// What the notification process is told by its environment.
#pragma once

#include <string>

#include "common/config/config.h"
#include "common/redis/redis.h"
#include "services/notification/mail_address.h"
#include "services/notification/smtp_client.h"

namespace arasta::notification {

struct NotificationConfig {
  std::string database_url;
  std::string migration_database_url;
  int workers;
  redis::Options events_redis;
  std::string order_address;
  SmtpOptions smtp;
  Mailbox from;
  int senders;
  std::string page_token_secret;
};

NotificationConfig ReadConfig(config::Config& config);

}  // namespace arasta::notification
