// Steps on the categories' rows inside a transaction.
#pragma once

#include <pqxx/transaction>
#include <string>
#include <vector>

#include "services/catalog/category.h"

namespace arasta::catalog {

// The ids of these categories and of all below them.
std::vector<std::string> SubtreeOf(pqxx::work& tx, const std::vector<std::string>& ids);

// Creates the category if it does not exist; its parent must.
void EnsureCategory(pqxx::work& tx, const Category& category);

}  // namespace arasta::catalog
