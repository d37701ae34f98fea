// What the gateway itself has to show: /openapi.json, and /docs, which people read it by.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/gateway/header_block.h"

namespace arasta::gateway {

class RouteTable;

struct Page {
  std::string path;
  HeaderBlock head;
  std::string body;
};

// Immutable; shared by all workers.
class Pages {
 public:
  Pages() = default;
  explicit Pages(const RouteTable& routes);

  // Null for what is none. `path` may have a query.
  const Page* Find(absl::string_view path) const;

 private:
  std::vector<Page> pages_;
};

}  // namespace arasta::gateway
