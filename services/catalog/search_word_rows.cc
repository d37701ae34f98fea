#include "services/catalog/search_word_rows.h"

#include <map>
#include <pqxx/pqxx>
#include <vector>

#include "services/catalog/spelling.h"

namespace arasta::catalog {
namespace {

constexpr int kMaxWords = 16;
// Looking up what resembles a word is the dearest step of a search.
constexpr int kMaxCorrections = 6;

// websearch_to_tsquery takes any text; quotes, "or" and a leading minus mean what they mean elsewhere.
constexpr char kTyped[] = R"sql(
  SELECT query::text, EXISTS (SELECT FROM product WHERE state = 'active' AND document @@ query)
  FROM websearch_to_tsquery('english', $1) AS query
)sql";

constexpr char kFinds[] = R"sql(
  SELECT EXISTS (SELECT FROM product WHERE state = 'active' AND document @@ $1::tsquery)
)sql";

// Stop words have no stem. Compounds come with their parts, which are enough.
constexpr char kWords[] = R"sql(
  SELECT lexeme AS word, plainto_tsquery('english', lexeme)::text AS stem,
         lexeme !~ '^[[:alpha:]]{3,30}$' OR EXISTS (SELECT FROM search_word WHERE word = lexeme) AS known
  FROM unnest(to_tsvector('simple', $1))
  WHERE lexeme !~ '-' AND numnode(plainto_tsquery('english', lexeme)) > 0
  ORDER BY positions[1] LIMIT $2
)sql";

constexpr char kResembling[] = R"sql(
  SELECT word, plainto_tsquery('english', word)::text AS stem FROM search_word
  WHERE word % $1 ORDER BY similarity(word, $1) DESC, word LIMIT 100
)sql";

// Two letters swapped in the middle of a word of six leave a quarter of its trigrams.
constexpr char kResembleFarther[] = "SET LOCAL pg_trgm.similarity_threshold = 0.22";

constexpr char kIsBeginning[] = R"sql(
  SELECT EXISTS (SELECT FROM search_word WHERE word LIKE $1 || '%')
)sql";

// What the unknown word may stand for, as texts of tsquery; itself where nothing resembles it.
std::vector<std::string> Correct(pqxx::work& tx, const std::string& word, const std::string& stem) {
  std::vector<std::string> alternatives;
  if (tx.exec_params1(kIsBeginning, word)[0].as<bool>()) alternatives.push_back(PrefixQuery(word));
  std::vector<std::string> resembling;
  std::map<std::string, std::string> stems;
  for (const auto& row : tx.exec_params(kResembling, word)) {
    resembling.emplace_back(row["word"].c_str());
    stems[resembling.back()] = row["stem"].c_str();
  }
  for (const std::string& correction : Closest(word, resembling)) {
    if (!stems[correction].empty()) alternatives.push_back(stems[correction]);
  }
  if (alternatives.empty()) alternatives.push_back(stem);
  return alternatives;
}

std::vector<QueryWord> CorrectedWords(pqxx::work& tx, const std::string& text) {
  std::vector<QueryWord> words;
  int corrections = 0;
  tx.exec(kResembleFarther);
  for (const auto& row : tx.exec_params(kWords, text, kMaxWords)) {
    const std::string word = row["word"].c_str();
    const std::string stem = row["stem"].c_str();
    const bool correct = !row["known"].as<bool>() && corrections++ < kMaxCorrections;
    words.push_back({word, correct ? Correct(tx, word, stem) : std::vector<std::string>{stem}});
  }
  return words;
}

bool Finds(pqxx::work& tx, const std::string& query) {
  return tx.exec_params1(kFinds, query)[0].as<bool>();
}

}  // namespace

absl::optional<std::string> ResolveQuery(pqxx::work& tx, const std::string& text) {
  if (text.empty()) return std::string();
  const pqxx::row typed = tx.exec_params1(kTyped, text);
  if (typed[1].as<bool>()) return std::string(typed[0].c_str());
  const std::vector<QueryWord> words = CorrectedWords(tx, text);
  if (words.empty()) return absl::nullopt;
  for (const std::string& query : {AllOf(words), AnyOf(words)}) {
    if (Finds(tx, query)) return query;
  }
  return absl::nullopt;
}

}  // namespace arasta::catalog
