#include "tests/integration/notification/smtp_server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "tests/support/loopback.h"

namespace arasta::notification {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;

// Self-signed, for localhost: it is its own authority.
CertificatePtr CertificateFor(EVP_PKEY* key) {
  CertificatePtr certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const std::string host = "localhost";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

std::string WriteTemporaryPem(X509* certificate) {
  std::string path = "/tmp/arasta-smtp-ca-XXXXXX";
  std::FILE* file = fdopen(mkstemp(path.data()), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  return path;
}

std::string Between(absl::string_view line, char open, char close) {
  const size_t begin = line.find(open);
  const size_t end = line.rfind(close);
  if (begin == absl::string_view::npos || end == absl::string_view::npos || end < begin) return "";
  return std::string(line.substr(begin + 1, end - begin - 1));
}

}  // namespace

std::string ReceivedMail::Header(const std::string& name) const {
  const absl::string_view headers = absl::string_view(data).substr(0, data.find("\r\n\r\n"));
  for (absl::string_view line : absl::StrSplit(headers, "\r\n")) {
    if (absl::ConsumePrefix(&line, absl::StrCat(name, ": "))) return std::string(line);
  }
  return "";
}

// Lines in and out of one socket, in clear or not.
class SmtpServer::Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  void Reply(absl::string_view line) {
    const std::string bytes = absl::StrCat(line, "\r\n");
    const auto size = static_cast<int>(bytes.size());
    if (tls_ != nullptr) {
      SSL_write(tls_.get(), bytes.data(), size);
    } else {
      [[maybe_unused]] const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
  }

  // Without its CRLF; nullopt when the client has gone.
  absl::optional<std::string> ReadLine() {
    for (;;) {
      const size_t end = buffer_.find("\r\n");
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return line;
      }
      char bytes[4096];
      const auto count = tls_ != nullptr ? SSL_read(tls_.get(), bytes, sizeof bytes)
                                         : static_cast<int>(recv(socket_, bytes, sizeof bytes, 0));
      if (count <= 0) return absl::nullopt;
      buffer_.append(bytes, static_cast<size_t>(count));
    }
  }

  // False where the client does not like our certificate.
  bool Encrypt(SSL_CTX* context) {
    tls_.reset(SSL_new(context));
    SSL_set_fd(tls_.get(), socket_);
    return SSL_accept(tls_.get()) == 1;
  }

  bool encrypted() const { return tls_ != nullptr; }

 private:
  const int socket_;
  std::string buffer_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
};

SmtpServer::SmtpServer(Encryption encryption) : encryption_(encryption) {
  const KeyPtr key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const CertificatePtr certificate = CertificateFor(key.get());
  ca_file_ = WriteTemporaryPem(certificate.get());
  tls_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(tls_.get(), certificate.get());
  SSL_CTX_use_PrivateKey(tls_.get(), key.get());

  const testing::LoopbackListener listener = testing::ListenOnLoopback();
  listener_ = listener.fd;
  port_ = listener.port;
  acceptor_ = std::thread([this] { Accept(); });
}

SmtpServer::~SmtpServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  std::vector<std::thread> connections;
  {
    MutexLock lock(mutex_);
    for (int socket : sockets_) shutdown(socket, SHUT_RDWR);
    connections.swap(connections_);
  }
  for (std::thread& connection : connections) connection.join();
  for (int socket : sockets_) close(socket);
  unlink(ca_file_.c_str());
}

std::string SmtpServer::url() const {
  return absl::StrCat("smtp://localhost:", port_);
}

void SmtpServer::FailNext(Fault fault) {
  MutexLock lock(mutex_);
  faults_.push_back(fault);
}

std::vector<ReceivedMail> SmtpServer::mails() const {
  MutexLock lock(mutex_);
  return mails_;
}

int SmtpServer::recipients_seen() const {
  MutexLock lock(mutex_);
  return recipients_seen_;
}

Fault SmtpServer::TakeFault() {
  MutexLock lock(mutex_);
  if (faults_.empty()) return Fault::kNone;
  const Fault fault = faults_.front();
  faults_.pop_front();
  return fault;
}

void SmtpServer::Accept() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    MutexLock lock(mutex_);
    sockets_.push_back(socket);
    connections_.emplace_back([this, socket] {
      Serve(socket);
      shutdown(socket, SHUT_RDWR);
    });
  }
}

void SmtpServer::Serve(int socket) {
  Connection client(socket);
  {
    MutexLock lock(mutex_);
    const bool refuses = !faults_.empty() &&
                         (faults_.front() == Fault::kGreeting421 || faults_.front() == Fault::kGreeting554);
    if (refuses) {
      client.Reply(faults_.front() == Fault::kGreeting421 ? "421 too busy" : "554 go away");
      faults_.pop_front();
      return;
    }
  }
  client.Reply("220 smtp.test ESMTP");
  while (Converse(client)) {
  }
}

bool SmtpServer::Converse(Connection& client) {
  ReceivedMail mail;
  Fault fault = Fault::kNone;
  for (;;) {
    const absl::optional<std::string> line = client.ReadLine();
    if (!line.has_value()) return false;
    if (absl::StartsWith(*line, "EHLO")) {
      const bool offers = encryption_ == Encryption::kStartTls && !client.encrypted();
      client.Reply(offers ? "250-smtp.test\r\n250 STARTTLS" : "250 smtp.test");
    } else if (*line == "STARTTLS") {
      client.Reply("220 go ahead");
      if (!client.Encrypt(tls_.get())) return false;
    } else if (absl::StartsWith(*line, "MAIL FROM:")) {
      fault = TakeFault();
      mail = ReceivedMail{
          .from = Between(*line, '<', '>'), .recipients = {}, .data = {}, .encrypted = client.encrypted()};
      client.Reply(fault == Fault::kSender553 ? "553 sender not allowed" : "250 ok");
    } else if (absl::StartsWith(*line, "RCPT TO:")) {
      mail.recipients.push_back(Between(*line, '<', '>'));
      MutexLock lock(mutex_);
      ++recipients_seen_;
      client.Reply(fault == Fault::kRecipient450   ? "450 mailbox busy"
                   : fault == Fault::kRecipient550 ? "550 no such user here"
                                                   : "250 ok");
    } else if (*line == "DATA") {
      return TakeData(client, std::move(mail), fault);
    } else if (*line == "QUIT") {
      client.Reply("221 bye");
      return false;
    } else {
      client.Reply("250 ok");
    }
  }
}

bool SmtpServer::TakeData(Connection& client, ReceivedMail mail, Fault fault) {
  client.Reply("354 go on");
  for (;;) {
    absl::optional<std::string> line = client.ReadLine();
    if (!line.has_value()) return false;
    if (*line == ".") break;
    absl::StrAppend(&mail.data, absl::StripPrefix(*line, "."), "\r\n");
  }
  if (fault == Fault::kDropBeforeData) return false;
  if (fault == Fault::kData451 || fault == Fault::kData554) {
    client.Reply(fault == Fault::kData451 ? "451 try later" : "554 refused");
    return true;
  }
  {
    MutexLock lock(mutex_);
    mails_.push_back(std::move(mail));
  }
  if (fault == Fault::kDropAfterData) return false;
  if (fault == Fault::kNoAnswer) return client.ReadLine().has_value();
  client.Reply("250 accepted");
  return true;
}

}  // namespace arasta::notification
