// Hands mails to an SMTP server, through libcurl.
#pragma once

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "services/notification/delivery.h"
#include "services/notification/mail_address.h"

namespace arasta::notification {

struct SmtpOptions {
  // Such as "smtp://mail.example:587" or "smtps://mail.example".
  std::string url = {};
  // Refuses to speak to a server without STARTTLS or with a certificate that does not verify.
  bool require_tls = true;
  // PEM file of the authorities to trust; empty means the system's.
  std::string ca_file = {};
  // Empty: no login.
  std::string user = {};
  std::string password = {};
  // Of a whole attempt.
  absl::Duration timeout = absl::Seconds(60);
};

// Keeps its connection between mails. For one thread.
class SmtpClient {
 public:
  explicit SmtpClient(SmtpOptions options);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  // Sent: the server took the message over. Permanent: it refused this message or recipient for good.
  // Transient: everything else, our own misconfiguration included, for which no customer's mail shall
  // bounce. Where the connection is lost after the message went out it may arrive although this says
  // transient; the Message-ID tells the copies apart.
  //
  // `go_on` is asked about every second for as long as it takes; false gives the attempt up.
  AttemptResult Send(const MailAddress& from, const MailAddress& to, const std::string& message,
                     absl::FunctionRef<bool()> go_on);

 private:
  struct Handle;

  const SmtpOptions options_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace arasta::notification
