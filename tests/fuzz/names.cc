// Names of resources and processes, slugs, what customers type, and lists for SQL: read, written and read
// again.
#include "services/catalog/names.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/auth/spiffe.h"
#include "common/pg/array.h"
#include "services/catalog/spelling.h"
#include "services/catalog/text.h"
#include "services/order/order_id.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

// As PostgreSQL reads {"a","b"}.
std::vector<std::string> Elements(absl::string_view array) {
  std::vector<std::string> elements;
  for (size_t i = 1; i + 1 < array.size(); ++i) {
    if (array[i] == ',') continue;
    Require(array[i] == '"', "every element is in quotes");
    elements.emplace_back();
    for (++i; i < array.size() && array[i] != '"'; ++i) {
      if (array[i] == '\\') ++i;
      elements.back() += array[i];
    }
  }
  return elements;
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  using fuzz::Require;
  fuzz::Input input(data, size);
  const std::string text(input.rest());
  const auto product = catalog::ParseProductName(text, "name");
  if (product.ok()) Require(product->id.has_value() != !product->slug.empty(), "an id or a slug");
  const auto category = catalog::ParseCategoryName(text, "name");
  if (category.ok() && !text.empty())
    Require(catalog::CategoryName(*category) == text, "a category's own name");
  const auto stock = catalog::ParseStockName(text, "name");
  if (stock.ok()) Require(catalog::StockName(*stock) == text, "a stock's own name");
  const auto order = catalog::ParseOrderName(text, "name");
  const auto order_id = order::OrderId::FromName(text);
  Require(order.ok() == order_id.ok(), "order and catalog agree on orders' names");

  const absl::string_view service = auth::ServiceOf(text);
  Require(service.empty() || auth::SpiffeId(service) == text, "a process's own name");
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  Require(fuzz::Elements(pg::ToArray(lines)) == lines, "a list holds what was put into it");

  const std::string slug = catalog::Slugify(text);
  Require(slug.empty() || catalog::IsSlug(slug), "a slug is one");
  Require(catalog::Slugify(slug) == slug, "and stays one");
  Require(catalog::LengthOf(catalog::Clean(text, 20)) <= 20, "what is cut is short");
  const std::string line(input.Line());
  (void)catalog::EditDistance(line.substr(0, 64), std::string(input.Bytes(64)));
  (void)catalog::PrefixQuery(line);
  return 0;
}
