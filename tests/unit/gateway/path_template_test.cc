// The grammar of paths: what is read, and what is refused.
#include "services/gateway/rest/path_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/matchers.h"

namespace arasta::gateway {
namespace {

using testing::StatusIs;

// "v1 / * | name[0,2) | verb", variables that are open with "+".
std::string Told(const PathTemplate& path) {
  std::vector<std::string> segments;
  for (const PathTemplate::Segment& segment : path.segments) {
    segments.push_back(segment.kind == PathTemplate::Kind::kLiteral ? segment.literal
                       : segment.kind == PathTemplate::Kind::kOne   ? "*"
                                                                    : "**");
  }
  std::string told = absl::StrJoin(segments, " ");
  for (const PathTemplate::Variable& variable : path.variables) {
    absl::StrAppend(&told, " | ", variable.field_path, "[", variable.begin, ",", variable.end, ")",
                    variable.open ? "+" : "");
  }
  if (!path.verb.empty()) absl::StrAppend(&told, " : ", path.verb);
  return told;
}

struct Good {
  const char* text;
  const char* told;
};

constexpr Good kGood[] = {
    {"/", ""},
    {"/v1", "v1"},
    {"/v1/products", "v1 products"},
    {"/v1/*", "v1 *"},
    {"/v1/**", "v1 **"},
    {"/**", "**"},
    {"/*/a/*", "* a *"},
    {"/v1/{name}", "v1 * | name[1,2)"},
    {"/v1/{name=*}", "v1 * | name[1,2)"},
    {"/v1/{name=**}", "v1 ** | name[1,2)+"},
    {"/v1/{name=products/*}", "v1 products * | name[1,3)"},
    {"/v1/{name=shelves/*/books/*}", "v1 shelves * books * | name[1,5)"},
    {"/v1/{name=files/**}", "v1 files ** | name[1,3)+"},
    {"/v1/{product.name=products/*}", "v1 products * | product.name[1,3)"},
    {"/v1/{a.b.c_d}", "v1 * | a.b.c_d[1,2)"},
    {"/v1/{_a1}", "v1 * | _a1[1,2)"},
    {"/v1/{parent=orders/*}/history", "v1 orders * history | parent[1,3)"},
    {"/v1/{a}/{b}", "v1 * * | a[1,2) | b[2,3)"},
    {"/v1/{a}/x/{b=**}", "v1 * x ** | a[1,2) | b[3,4)+"},
    {"/v1/{a}/**", "v1 * ** | a[1,2)"},
    {"/v1/{a=fixed}", "v1 fixed | a[1,2)"},
    {"/v1/products:search", "v1 products : search"},
    {"/v1/{name=stock/*}:adjust", "v1 stock * | name[1,3) : adjust"},
    {"/v1/**:undo", "v1 ** : undo"},
    {"/.well-known/jwks.json", ".well-known jwks.json"},
    {"/v1/~me/a_b-c.d", "v1 ~me a_b-c.d"},
    {"/v1/a,b;c(d)!@$&'+", "v1 a,b;c(d)!@$&'+"},
};

TEST(PathTemplateTest, ReadsTheWholeGrammar) {
  for (const Good& row : kGood) {
    const auto path = PathTemplate::Parse(row.text);
    ASSERT_TRUE(path.ok()) << row.text << ": " << path.status();
    EXPECT_EQ(Told(*path), row.told) << row.text;
  }
}

TEST(PathTemplateTest, NamesThePathThatIsNone) {
  for (const char* text :
       {"",          "v1",         "//",        "/v1/",        "/v1//a", "/{",    "/{}",     "/{a",
        "/{a=",      "/{a=}",      "/{=a}",     "/{1a}",       "/{a.}",  "/{.a}", "/{a..b}", "/{a-b}",
        "/{a={b}}",  "/{a=b/{c}}", "/}",        "/a}",         "/a*",    "/*a",   "/***",    "/**/a",
        "/**/**",    "/{a=**}/b",  "/{a=**/b}", "/{a=**}/{b}", "/:a",    "/a:",   "/a:b/c",  "/a:b:c",
        "/a:*",      "/a:{b}",     "/{a=b:c}",  "/a?b",        "/a#b",   "/a b",  "/a%20b",  "/a=b",
        "/\xC3\xA9", " /a",        "/a "}) {
    EXPECT_THAT(PathTemplate::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                                    ::testing::HasSubstr(absl::StrCat("\"", text, "\""))))
        << text;
  }
}

}  // namespace
}  // namespace arasta::gateway
