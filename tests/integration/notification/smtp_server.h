// An SMTP server of a test's own, speaking the real protocol over a real socket: it records what it is
// handed and fails as it is told.
#pragma once

#include <openssl/ssl.h>

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

namespace arasta::notification {

struct ReceivedMail {
  std::string from;
  std::vector<std::string> recipients;
  // As sent, dots unstuffed.
  std::string data;
  bool encrypted = false;

  // Of the message's header; empty where there is none.
  std::string Header(const std::string& name) const;
};

// What goes wrong with the next mail.
enum class Fault {
  kNone,
  kGreeting421,
  kGreeting554,
  kSender553,
  kRecipient450,
  kRecipient550,
  kData451,
  kData554,
  // The connection ends where the answer to the message should come, after the message was recorded.
  kDropAfterData,
  // Likewise, but nothing was recorded.
  kDropBeforeData,
  // The message is recorded and never answered.
  kNoAnswer,
};

enum class Encryption { kNone, kStartTls };

class SmtpServer {
 public:
  explicit SmtpServer(Encryption encryption = Encryption::kNone);
  ~SmtpServer();

  // "smtp://localhost:port".
  std::string url() const;
  // PEM file of the authority that signed the server's certificate, which is for localhost.
  const std::string& ca_file() const { return ca_file_; }

  // One fault a mail or connection, in order; none when they are used up.
  void FailNext(Fault fault);
  std::vector<ReceivedMail> mails() const;
  // How many times a client came as far as naming a recipient.
  int recipients_seen() const;

 private:
  class Connection;

  void Accept();
  void Serve(int socket);
  // One mail, from MAIL FROM on. False: the connection is over.
  bool Converse(Connection& client);
  bool TakeData(Connection& client, ReceivedMail mail, Fault fault);
  Fault TakeFault();

  const Encryption encryption_;
  int listener_ = -1;
  int port_ = 0;
  std::string ca_file_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, &SSL_CTX_free};
  mutable Mutex mutex_;
  std::deque<Fault> faults_ ABSL_GUARDED_BY(mutex_);
  std::vector<ReceivedMail> mails_ ABSL_GUARDED_BY(mutex_);
  int recipients_seen_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> connections_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> sockets_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace arasta::notification
