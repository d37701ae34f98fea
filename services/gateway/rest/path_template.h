// The paths of google.api.http: "/v1/{name=shelves/*}/books:move".
//
//   Template = "/" | "/" Segments [ ":" Literal ] ;
//   Segments = Segment { "/" Segment } ;
//   Segment  = "*" | "**" | Literal | "{" FieldPath [ "=" Segments ] "}" ;
//
// "**" is the last segment, a variable holds no other variable, and a variable without segments is "*".
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {

struct PathTemplate {
  enum class Kind { kLiteral, kOne, kRest };
  struct Segment {
    Kind kind;
    std::string literal;
  };
  struct Variable {
    std::string field_path;
    // Of `segments`.
    size_t begin;
    size_t end;
    bool open;  // takes all that is left, from `begin`
  };

  // INVALID_ARGUMENT, naming the template and what is wrong with it.
  static absl::StatusOr<PathTemplate> Parse(absl::string_view text);

  bool open() const { return !segments.empty() && segments.back().kind == Kind::kRest; }

  std::vector<Segment> segments;
  std::vector<Variable> variables;
  std::string verb;
};

}  // namespace arasta::gateway
