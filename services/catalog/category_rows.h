// Steps on the categories' rows inside a transaction.
#pragma once

#include <pqxx/transaction>
#include <string>
#include <vector>

#include "services/catalog/category.h"

namespace arasta::catalog {

// The ids of these categories and of all below them.
std::vector<std::string> SubtreeOf(pqxx::work& tx, const std::vector<std::string>& ids);

// Creates those of the categories that do not exist; parents stand before their children.
void EnsureCategories(pqxx::work& tx, const std::vector<Category>& categories);

}  // namespace arasta::catalog
