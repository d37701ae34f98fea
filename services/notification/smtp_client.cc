#include "services/notification/smtp_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace arasta::notification {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What one attempt hands to libcurl's callbacks.
struct Exchange {
  absl::string_view rest;  // of the message
  absl::FunctionRef<bool()> go_on;
  bool recipient_named = false;
};

// curl_read_callback
size_t ReadMessage(char* buffer, size_t size, size_t count, void* exchange) {
  absl::string_view& rest = static_cast<Exchange*>(exchange)->rest;
  const size_t length = std::min(size * count, rest.size());
  std::memcpy(buffer, rest.data(), length);
  rest.remove_prefix(length);
  return length;
}

// curl_debug_callback: libcurl does not tell which command was refused, so we watch them go out.
int WatchCommand(CURL*, curl_infotype type, char* bytes, size_t size, void* exchange) {
  if (type == CURLINFO_HEADER_OUT && absl::StartsWith(absl::string_view(bytes, size), "RCPT TO:")) {
    static_cast<Exchange*>(exchange)->recipient_named = true;
  }
  return 0;
}

// curl_xferinfo_callback
int AskWhetherToGoOn(void* exchange, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(exchange)->go_on() ? 0 : 1;
}

// The server's words are not kept.
size_t IgnoreReply(char*, size_t size, size_t count, void*) {
  return size * count;
}

// 530, 534, 535, 538: the server wants another login or encryption than we are configured for.
bool IsAboutOurLogin(CURLcode curl, int64_t code) {
  return curl == CURLE_LOGIN_DENIED || code == 530 || (code >= 534 && code <= 538);
}

bool IsTlsFailure(CURLcode curl) {
  return curl == CURLE_USE_SSL_FAILED || curl == CURLE_SSL_CONNECT_ERROR ||
         curl == CURLE_PEER_FAILED_VERIFICATION || curl == CURLE_SSL_CACERT_BADFILE;
}

AttemptResult Transient(int64_t code, const char* reason) {
  return {.outcome = AttemptOutcome::kTransient, .code = static_cast<int>(code), .reason = reason};
}

// What is refused before the recipient is named, our own address among it, is refused to us, not to them.
AttemptResult Classify(CURLcode curl, int64_t code, bool recipient_named) {
  if (curl == CURLE_OK) return {.outcome = AttemptOutcome::kSent, .code = static_cast<int>(code)};
  const int64_t refusal = code >= 400 ? code : 0;
  if (IsAboutOurLogin(curl, code)) return Transient(refusal, "LOGIN_REFUSED");
  if (IsTlsFailure(curl)) return Transient(refusal, "TLS_FAILED");
  if (curl == CURLE_ABORTED_BY_CALLBACK) return Transient(0, "GIVEN_UP");
  if (curl == CURLE_OPERATION_TIMEDOUT) return Transient(refusal, "TIMEOUT");
  if (curl == CURLE_COULDNT_CONNECT || curl == CURLE_COULDNT_RESOLVE_HOST) return Transient(0, "UNREACHABLE");
  if (refusal == 0) return Transient(0, "CONNECTION_LOST");
  if (refusal < 500) return Transient(refusal, "DEFERRED");
  if (!recipient_named) return Transient(refusal, "SERVER_REFUSED");
  return {.outcome = AttemptOutcome::kPermanent, .code = static_cast<int>(refusal), .reason = "REFUSED"};
}

}  // namespace

struct SmtpClient::Handle {
  Handle() {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_ALL);
    if (initialised == CURLE_OK) curl = curl_easy_init();
  }
  ~Handle() { curl_easy_cleanup(curl); }

  // Without an answer the connection is out of step: one that comes late would be taken for the answer to
  // the next mail. libcurl keeps it all the same, and in the end says goodbye on it for two minutes.
  void BreakConnection() {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket);
    if (socket != CURL_SOCKET_BAD) shutdown(socket, SHUT_RDWR);
  }

  CURL* curl = nullptr;
};

SmtpClient::SmtpClient(SmtpOptions options)
    : options_(std::move(options)), handle_(std::make_unique<Handle>()) {
  CURL* curl = handle_->curl;
  curl_easy_setopt(curl, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &ReadMessage);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &IgnoreReply);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, &WatchCommand);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &AskWhetherToGoOn);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(kConnectTimeout)));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  curl_easy_setopt(curl, CURLOPT_USE_SSL,
                   static_cast<long>(options_.require_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (!options_.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, options_.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, options_.password.c_str());
  }
}

SmtpClient::~SmtpClient() = default;

AttemptResult SmtpClient::Send(const MailAddress& from, const MailAddress& to, const std::string& message,
                               absl::FunctionRef<bool()> go_on) {
  CURL* curl = handle_->curl;
  Exchange exchange{.rest = message, .go_on = go_on};
  const std::string sender = absl::StrCat("<", from.text(), ">");
  const std::unique_ptr<curl_slist, FreeList> recipients(
      curl_slist_append(nullptr, absl::StrCat("<", to.text(), ">").c_str()));
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  const absl::Time start = absl::Now();
  const CURLcode result = curl_easy_perform(curl);
  long code = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  // The list and the strings end with this function; the handle lives on.
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, nullptr);
  curl_easy_setopt(curl, CURLOPT_READDATA, nullptr);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, nullptr);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, nullptr);
  AttemptResult attempt = Classify(result, code, exchange.recipient_named);
  if (attempt.code == 0) handle_->BreakConnection();
  attempt.latency = absl::Now() - start;
  return attempt;
}

}  // namespace arasta::notification
