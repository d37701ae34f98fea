// Finds the rule for a path among all path templates. A literal beats "*", "*" beats "**", from the left. A
// path that ends in a known verb is that verb's. A path with an empty segment, a slash at the end included,
// is nobody's.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "services/gateway/rest/path_template.h"

namespace arasta::gateway {

struct PathMatch {
  absl::optional<size_t> rule;
  // Of the rule's template, in its order, decoded.
  std::vector<std::string> variables;
  // Where there is no rule: the HTTP methods that there are rules for. None: the path is unknown.
  std::set<std::string> allowed;
  // The path has a '%' that stands for nothing.
  bool malformed = false;
};

class PathMatcher {
 public:
  // "*" as HTTP method is any that has no rule of its own. A rule that is there already for the same paths is
  // returned, and nothing is added.
  absl::optional<size_t> Add(const std::string& http_method, const PathTemplate& path, size_t rule);

  // `path` is without the query. HEAD is served by GET's rule.
  PathMatch Find(absl::string_view http_method, absl::string_view path) const;

 private:
  struct Rule {
    std::string verb;
    std::string http_method;
    std::vector<PathTemplate::Variable> variables;
    size_t index;
  };
  struct Node {
    absl::flat_hash_map<std::string, std::unique_ptr<Node>> literals;
    std::unique_ptr<Node> one;
    std::unique_ptr<Node> rest;
    std::vector<Rule> rules;
  };
  struct Search {
    absl::string_view http_method;
    std::string verb;
    const Rule* found = nullptr;
    std::set<std::string> allowed;
  };

  PathMatch FindIn(absl::string_view http_method, const std::vector<absl::string_view>& segments,
                   absl::string_view verb) const;
  static void Visit(const Node& node, absl::Span<const std::string> segments, Search& search);
  static void Consider(const Node& node, Search& search);

  Node root_;
};

}  // namespace arasta::gateway
