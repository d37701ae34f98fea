// Browsers' side of the gateway: whole HTTP requests through libcurl, over HTTP/1.1 or HTTP/2.
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace arasta::gateway {

struct HttpResponse {
  int status = 0;
  std::multimap<std::string, std::string> head;
  std::string body;
  long http_version = 0;  // as curl numbers them
  // There was no connection, the transfer broke off, or was aborted by `on_body`.
  bool broken = false;

  std::string Field(const std::string& name) const {
    const auto found = head.find(name);
    return found == head.end() ? "" : found->second;
  }
};

struct HttpRequest {
  std::string url;
  std::string method = "POST";
  std::vector<std::string> fields = {};  // "name: value"
  std::string body = {};
  bool http2 = false;
  // With https: files in PEM. Without `alpn` nothing is said of what will be spoken.
  std::string authority = {}, certificate = {}, key = {};
  bool alpn = true;
  // Called with the body so far; false aborts the request as a closed tab does.
  std::function<bool(const std::string&)> on_body = {};
};

HttpResponse Fetch(const HttpRequest& request);

}  // namespace arasta::gateway
