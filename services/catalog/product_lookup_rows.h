// Reading products, with their variants and what a customer of a channel sees of them.
#pragma once

#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "services/catalog/names.h"
#include "services/catalog/product.h"

namespace arasta::catalog {

// How much of a product to read.
struct ReadOptions {
  // Whose price to set on each variant.
  std::string channel = shop::kDefaultChannel;
  int variants = kVariantsReturned;
  // Also the variants' price lists.
  bool prices = false;
};

bool Names(const ProductKey& key, const Product& product);

// Those of the products that exist, in the order of `keys`. One statement, so a snapshot even outside a
// transaction; price lists take a second.
std::vector<Product> LoadProducts(pqxx::transaction_base& tx, const std::vector<ProductKey>& keys,
                                  const ReadOptions& options);

}  // namespace arasta::catalog
