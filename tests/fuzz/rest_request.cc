// REST's requests: a line is a path template, the next an HTTP method and a target, the rest the body.
#include "services/gateway/rest/rest_request.h"

#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/rest/path_matcher.h"
#include "tests/fuzz/input.h"
#include "tests/support/rest_table.h"

namespace arasta::fuzz {
namespace {

void MatchTemplate(absl::string_view text, absl::string_view path) {
  const auto parsed = gateway::PathTemplate::Parse(text);
  if (!parsed.ok()) return;
  gateway::PathMatcher matcher;
  Require(!matcher.Add("GET", *parsed, 7), "nothing is there yet");
  Require(matcher.Add("GET", *parsed, 8) == 7u, "a rule is there but once");
  const gateway::PathMatch match = matcher.Find("GET", path);
  if (match.rule) Require(match.variables.size() == parsed->variables.size(), "every variable has a value");
  Require(match.rule.has_value() + !match.allowed.empty() + match.malformed <= 1,
          "a path is found, known, or bad");
  Require(matcher.Find("HEAD", path).rule == match.rule, "HEAD goes where GET goes");
  Require(match.rule.has_value() == !matcher.Find("PUT", path).allowed.empty(),
          "and other methods know of it");
}

void ReadRequest(absl::string_view http_method, absl::string_view target, absl::string_view body) {
  const gateway::RouteTable& table = testing::RestTable();
  const size_t mark = std::min(target.find('?'), target.size());
  const gateway::PathMatch match = table.rest().Find(http_method, target.substr(0, mark));
  if (!match.rule) return;
  const gateway::RestBinding& binding = table.rest().bindings()[*match.rule];
  std::string wire;
  if (!BodyToWire(binding, body, table.json(), wire).ok()) return;
  const absl::string_view query = mark == target.size() ? absl::string_view() : target.substr(mark + 1);
  if (!ParametersToWire(binding, match.variables, query, table.json(), wire).ok()) return;
  if (binding.method->descriptor->input_type()->name() != "Everything") return;
  Require(testing::v1::Everything().ParseFromString(wire), "what is understood is a message");
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  arasta::fuzz::Input input(data, size);
  const absl::string_view path_template = input.Line();
  const absl::string_view line = input.Line();
  const absl::string_view http_method = line.substr(0, line.find(' '));
  const absl::string_view target = line.substr(std::min(line.size(), http_method.size() + 1));
  arasta::fuzz::MatchTemplate(path_template, target.substr(0, target.find('?')));
  arasta::fuzz::ReadRequest(http_method, target, input.rest());
  return 0;
}
