#include "tests/integration/gateway/http_client.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {
namespace {

struct Transfer {
  const HttpRequest& request;
  HttpResponse response;
};

size_t OnHead(char* bytes, size_t, size_t length, void* user) {
  const absl::string_view line(bytes, length);
  const size_t colon = line.find(':', 1);
  if (colon != absl::string_view::npos) {
    static_cast<Transfer*>(user)->response.head.emplace(
        absl::AsciiStrToLower(line.substr(0, colon)),
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1))));
  }
  return length;
}

size_t OnBody(char* bytes, size_t, size_t length, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  transfer.response.body.append(bytes, length);
  const bool go_on = !transfer.request.on_body || transfer.request.on_body(transfer.response.body);
  return go_on ? length : 0;
}

long VersionFor(const HttpRequest& request) {
  if (!request.http2) return CURL_HTTP_VERSION_1_1;
  const bool negotiated = absl::StartsWith(request.url, "https:") && request.alpn;
  return negotiated ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
}

void SetTls(CURL* curl, const HttpRequest& request) {
  curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, request.alpn ? 1L : 0L);
  if (!request.authority.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.authority.c_str());
  if (request.certificate.empty()) return;
  curl_easy_setopt(curl, CURLOPT_SSLCERT, request.certificate.c_str());
  curl_easy_setopt(curl, CURLOPT_SSLKEY, request.key.c_str());
}

}  // namespace

HttpResponse Fetch(const HttpRequest& request) {
  Transfer transfer{request, {}};
  CURL* curl = curl_easy_init();
  curl_slist* fields = nullptr;
  for (const std::string& field : request.fields) fields = curl_slist_append(fields, field.c_str());
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, VersionFor(request));
  SetTls(curl, request);
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHead);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  transfer.response.broken = curl_easy_perform(curl) != CURLE_OK;
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &transfer.response.http_version);
  curl_slist_free_all(fields);
  curl_easy_cleanup(curl);
  return transfer.response;
}

}  // namespace arasta::gateway
