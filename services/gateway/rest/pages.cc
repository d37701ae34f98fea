#include "services/gateway/rest/pages.h"

#include <openssl/sha.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/rest/docs_page.h"
#include "services/gateway/rest/openapi.h"

namespace arasta::gateway {
namespace {

// What stands between the first <tag> and its end, as a source that a Content-Security-Policy lets through.
std::string HashOf(absl::string_view html, absl::string_view tag) {
  const std::string begin = absl::StrCat("<", tag, ">");
  const size_t from = html.find(begin) + begin.size();
  const absl::string_view text = html.substr(from, html.find(absl::StrCat("</", tag, ">"), from) - from);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  const absl::string_view bytes(reinterpret_cast<const char*>(hash.data()), hash.size());
  return absl::StrCat("'sha256-", absl::Base64Escape(bytes), "'");
}

Page Make(absl::string_view path, absl::string_view type, std::string body) {
  Page page;
  page.path = std::string(path);
  page.head.Add("content-type", type);
  page.head.Add("content-length", absl::StrCat(body.size()));
  page.head.Add("cache-control", "no-cache");
  page.head.Add("x-content-type-options", "nosniff");
  page.body = std::move(body);
  return page;
}

}  // namespace

Pages::Pages(const RouteTable& routes) {
  pages_.push_back(Make("/openapi.json", "application/json", OpenApi(routes)));
  Page docs = Make("/docs", "text/html; charset=utf-8", DocsPage());
  docs.head.Add(
      "content-security-policy",
      absl::StrCat(
          "default-src 'none'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; "
          "frame-ancestors 'none'; style-src ",
          HashOf(docs.body, "style"), "; script-src ", HashOf(docs.body, "script")));
  pages_.push_back(std::move(docs));
}

const Page* Pages::Find(absl::string_view path) const {
  path = path.substr(0, path.find('?'));
  for (const Page& page : pages_) {
    if (page.path == path) return &page;
  }
  return nullptr;
}

}  // namespace arasta::gateway
