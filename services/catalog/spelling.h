// What a customer may have meant by words that the catalogue does not know. No I/O.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace arasta::catalog {

// A word of the query.
struct QueryWord {
  // As typed, lower-case.
  std::string word;
  // Texts of tsquery, any of which will do: the word's own stem, or the stems of its corrections.
  std::vector<std::string> alternatives;
};

// How many letters have to be inserted, deleted, replaced, or swapped with their neighbour, to turn one
// into the other. In code points of valid UTF-8.
int EditDistance(absl::string_view a, absl::string_view b);

// Those of the candidates that are nearest to the word, at most five, where they are near enough for a
// word of its length.
std::vector<std::string> Closest(absl::string_view word, const std::vector<std::string>& candidates);

// A tsquery that finds what has all of the words (or any of them); empty where there are none.
std::string AllOf(const std::vector<QueryWord>& words);
std::string AnyOf(const std::vector<QueryWord>& words);

// A tsquery that finds what begins with the word.
std::string PrefixQuery(absl::string_view word);

}  // namespace arasta::catalog
