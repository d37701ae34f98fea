#include "services/gateway/rest/path_template.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace arasta::gateway {
namespace {

bool IsWordChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}
// What a segment of a URL may hold as it is, but for what a template says something else by.
bool IsLiteralChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-._~!$&'()+,;@", c);
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text), rest_(text) {}

  absl::StatusOr<PathTemplate> Parse() {
    if (!absl::ConsumePrefix(&rest_, "/")) return Bad("does not begin with /");
    if (!rest_.empty()) RETURN_IF_ERROR(ParseSegments(/*in_variable=*/false));
    if (absl::ConsumePrefix(&rest_, ":")) {
      path_.verb = std::string(Take(IsLiteralChar));
      if (path_.verb.empty()) return Bad("has an empty verb");
    }
    if (!rest_.empty()) return Bad(absl::StrCat("has something odd at \"", rest_, "\""));
    return std::move(path_);
  }

 private:
  absl::Status ParseSegments(bool in_variable) {
    do {
      if (path_.open()) return Bad("goes on after **");
      RETURN_IF_ERROR(absl::StartsWith(rest_, "{") && !in_variable ? ParseVariable() : ParseSegment());
    } while (absl::ConsumePrefix(&rest_, "/"));
    return absl::OkStatus();
  }

  absl::Status ParseSegment() {
    if (absl::ConsumePrefix(&rest_, "**")) {
      path_.segments.push_back({PathTemplate::Kind::kRest, {}});
    } else if (absl::ConsumePrefix(&rest_, "*")) {
      path_.segments.push_back({PathTemplate::Kind::kOne, {}});
    } else if (const absl::string_view literal = Take(IsLiteralChar); !literal.empty()) {
      path_.segments.push_back({PathTemplate::Kind::kLiteral, std::string(literal)});
    } else {
      return Bad(absl::StrCat("has no segment at \"", rest_, "\""));
    }
    return absl::OkStatus();
  }

  absl::Status ParseVariable() {
    absl::ConsumePrefix(&rest_, "{");
    PathTemplate::Variable variable{{}, path_.segments.size(), 0, false};
    RETURN_IF_ERROR(ParseFieldPath(variable.field_path));
    if (absl::ConsumePrefix(&rest_, "=")) {
      RETURN_IF_ERROR(ParseSegments(/*in_variable=*/true));
    } else {
      path_.segments.push_back({PathTemplate::Kind::kOne, {}});
    }
    if (!absl::ConsumePrefix(&rest_, "}")) return Bad(absl::StrCat("lacks a } at \"", rest_, "\""));
    variable.end = path_.segments.size();
    variable.open = path_.open();
    path_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  absl::Status ParseFieldPath(std::string& field_path) {
    do {
      const absl::string_view word = Take(IsWordChar);
      if (word.empty() || absl::ascii_isdigit(static_cast<unsigned char>(word.front())))
        return Bad("has a variable that is no field");
      absl::StrAppend(&field_path, field_path.empty() ? "" : ".", word);
    } while (absl::ConsumePrefix(&rest_, "."));
    return absl::OkStatus();
  }

  absl::string_view Take(bool (*belongs)(char)) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), belongs);
    const absl::string_view taken = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  absl::Status Bad(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("the path \"", text_, "\" ", what));
  }

  const absl::string_view text_;
  absl::string_view rest_;
  PathTemplate path_;
};

}  // namespace

absl::StatusOr<PathTemplate> PathTemplate::Parse(absl::string_view text) {
  return Parser(text).Parse();
}

}  // namespace arasta::gateway
