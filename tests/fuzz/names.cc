// Resource names, slugs and what customers type: read, written and read again.
#include "services/catalog/names.h"

#include <string>

#include "services/catalog/spelling.h"
#include "services/catalog/text.h"
#include "services/order/order_id.h"
#include "tests/fuzz/input.h"

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

  const std::string slug = catalog::Slugify(text);
  Require(slug.empty() || catalog::IsSlug(slug), "a slug is one");
  Require(catalog::Slugify(slug) == slug, "and stays one");
  Require(catalog::LengthOf(catalog::Clean(text, 20)) <= 20, "what is cut is short");
  const std::string line(input.Line());
  (void)catalog::EditDistance(line.substr(0, 64), std::string(input.Bytes(64)));
  (void)catalog::PrefixQuery(line);
  return 0;
}
