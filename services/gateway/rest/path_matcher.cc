#include "services/gateway/rest/path_matcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/gateway/url_text.h"

namespace arasta::gateway {
namespace {

using Segments = std::vector<absl::string_view>;

// Nullopt where one is empty. The root has none.
absl::optional<Segments> Split(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "/")) return absl::nullopt;
  if (path.empty()) return Segments();
  Segments segments = absl::StrSplit(path, '/');
  if (std::find(segments.begin(), segments.end(), "") != segments.end()) return absl::nullopt;
  return segments;
}

// Nullopt where an escape is malformed.
absl::optional<std::vector<std::string>> Decode(const Segments& segments) {
  std::vector<std::string> decoded(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    if (!UnescapeUrl(segments[i], UrlPart::kSegment, decoded[i])) return absl::nullopt;
  }
  return decoded;
}

// Takes the verb off the last segment; "" where that has none. A colon that is escaped begins no verb.
absl::string_view TakeVerb(Segments& segments) {
  if (segments.empty()) return {};
  absl::string_view& last = segments.back();
  const size_t colon = last.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return {};
  const absl::string_view verb = last.substr(colon + 1);
  if (!verb.empty()) last.remove_suffix(verb.size() + 1);
  return verb;
}

// The escapes have been found to be well-formed.
std::string ValueOf(const PathTemplate::Variable& variable, const Segments& segments) {
  const bool several = variable.open || variable.end - variable.begin > 1;
  const auto begin = segments.begin() + static_cast<std::ptrdiff_t>(variable.begin);
  const auto end =
      variable.open ? segments.end() : segments.begin() + static_cast<std::ptrdiff_t>(variable.end);
  std::string value;
  UnescapeUrl(absl::StrJoin(begin, end, "/"), several ? UrlPart::kSegments : UrlPart::kSegment, value);
  return value;
}

}  // namespace

absl::optional<size_t> PathMatcher::Add(const std::string& http_method, const PathTemplate& path,
                                        size_t rule) {
  Node* node = &root_;
  for (const PathTemplate::Segment& segment : path.segments) {
    std::unique_ptr<Node>& next = segment.kind == PathTemplate::Kind::kOne ? node->one
                                  : segment.kind == PathTemplate::Kind::kRest
                                      ? node->rest
                                      : node->literals[segment.literal];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  for (const Rule& other : node->rules) {
    if (other.verb == path.verb && other.http_method == http_method) return other.index;
  }
  node->rules.push_back({path.verb, http_method, path.variables, rule});
  return absl::nullopt;
}

// Each node of the tree is reached by one way only, so this takes no longer than the table is large.
void PathMatcher::Visit(const Node& node, absl::Span<const std::string> segments, Search& search) {
  if (segments.empty()) {
    Consider(node, search);
  } else {
    const auto literal = node.literals.find(segments.front());
    if (literal != node.literals.end()) Visit(*literal->second, segments.subspan(1), search);
    if (search.found == nullptr && node.one) Visit(*node.one, segments.subspan(1), search);
  }
  if (search.found == nullptr && node.rest) Consider(*node.rest, search);
}

void PathMatcher::Consider(const Node& node, Search& search) {
  const auto find = [&](absl::string_view http_method) {
    for (const Rule& rule : node.rules) {
      if (rule.verb == search.verb && rule.http_method == http_method) search.found = &rule;
    }
  };
  find(search.http_method);
  if (search.found == nullptr && search.http_method == "HEAD") find("GET");
  if (search.found == nullptr) find("*");
  for (const Rule& rule : node.rules) {
    if (rule.verb != search.verb) continue;
    search.allowed.insert(rule.http_method);
    if (rule.http_method == "GET") search.allowed.insert("HEAD");
  }
}

PathMatch PathMatcher::Find(absl::string_view http_method, absl::string_view path) const {
  absl::optional<Segments> segments = Split(path);
  if (!segments) return {};
  const Segments whole = *segments;
  const absl::string_view verb = TakeVerb(*segments);
  PathMatch match = FindIn(http_method, *segments, verb);
  const bool known = match.rule || match.malformed || !match.allowed.empty();
  return known || verb.empty() ? match : FindIn(http_method, whole, "");
}

PathMatch PathMatcher::FindIn(absl::string_view http_method, const Segments& segments,
                              absl::string_view verb) const {
  PathMatch match;
  Search search;
  search.http_method = http_method;
  const absl::optional<std::vector<std::string>> decoded = Decode(segments);
  if (!decoded || !UnescapeUrl(verb, UrlPart::kSegment, search.verb)) {
    match.malformed = true;
    return match;
  }
  Visit(root_, *decoded, search);
  if (search.found == nullptr) {
    match.allowed = std::move(search.allowed);
    return match;
  }
  match.rule = search.found->index;
  for (const PathTemplate::Variable& variable : search.found->variables) {
    match.variables.push_back(ValueOf(variable, segments));
  }
  return match;
}

}  // namespace arasta::gateway
