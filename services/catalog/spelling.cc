#include "services/catalog/spelling.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

constexpr size_t kMostCorrections = 5;

std::vector<absl::string_view> CodePoints(absl::string_view text) {
  std::vector<absl::string_view> code_points;
  while (!text.empty()) {
    code_points.push_back(Cut(text, 1));
    text.remove_prefix(code_points.back().size());
  }
  return code_points;
}

// One error in a short word, two in a long one.
int Tolerated(absl::string_view word) {
  return LengthOf(word) < 6 ? 1 : 2;
}

std::string Join(const std::vector<QueryWord>& words, absl::string_view separator) {
  return absl::StrJoin(words, separator, [](std::string* out, const QueryWord& word) {
    absl::StrAppend(out, "(", absl::StrJoin(word.alternatives, " | "), ")");
  });
}

}  // namespace

int EditDistance(absl::string_view a_text, absl::string_view b_text) {
  const std::vector<absl::string_view> a = CodePoints(a_text);
  const std::vector<absl::string_view> b = CodePoints(b_text);
  // distance[i][j] between the first i of a and the first j of b.
  std::vector<std::vector<int>> distance(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        distance[i][j] = static_cast<int>(i + j);
        continue;
      }
      const int replaced = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      int least = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        least = std::min(least, distance[i - 2][j - 2] + 1);
      }
      distance[i][j] = least;
    }
  }
  return distance[a.size()][b.size()];
}

std::vector<std::string> Closest(absl::string_view word, const std::vector<std::string>& candidates) {
  int least = Tolerated(word);
  std::vector<std::string> closest;
  for (const std::string& candidate : candidates) {
    const int distance = EditDistance(word, candidate);
    if (distance > least) continue;
    if (distance < least) closest.clear();
    least = distance;
    if (closest.size() < kMostCorrections) closest.push_back(candidate);
  }
  return closest;
}

std::string AllOf(const std::vector<QueryWord>& words) {
  return Join(words, " & ");
}

std::string AnyOf(const std::vector<QueryWord>& words) {
  return Join(words, " | ");
}

std::string PrefixQuery(absl::string_view word) {
  std::string query = "'";
  for (char c : word) {
    if (c == '\'' || c == '\\') query.push_back(c);
    query.push_back(c);
  }
  return query + "':*";
}

}  // namespace arasta::catalog
