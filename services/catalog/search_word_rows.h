// From what a customer typed to a query that finds something.
#pragma once

#include <pqxx/transaction>
#include <string>

#include "absl/types/optional.h"

namespace arasta::catalog {

// The text of a tsquery: the words as typed where an active product has them all; else with unknown
// words taken for beginnings or typing errors of known ones; else any of the words. Empty for empty
// text; nullopt where nothing can be found by it. `text` is clean (text.h).
absl::optional<std::string> ResolveQuery(pqxx::work& tx, const std::string& text);

}  // namespace arasta::catalog
