// Which rule a path finds, and with what.
#include "services/gateway/rest/path_matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace arasta::gateway {
namespace {

// A rule's index is its place here.
const std::vector<std::string>& Rules() {
  static const auto& rules = *new std::vector<std::string>{
      "GET /v1/products",                      // 0
      "POST /v1/products",                     // 1
      "GET /v1/products:search",               // 2
      "POST /v1/products:search",              // 3
      "GET /v1/{name=products/*}",             // 4
      "PATCH /v1/{product.name=products/*}",   // 5
      "DELETE /v1/{name=products/*}",          // 6
      "POST /v1/{name=stock/*}:adjust",        // 7
      "GET /v1/products/featured",             // 8
      "GET /v1/{name=files/**}",               // 9
      "PUT /v1/{name=files/**}:move",          // 10
      "GET /v1/files/index",                   // 11
      "GET /v1/shelves/{shelf}/books/{book}",  // 12
      "GET /v1/shelves/*/books/best",          // 13
      "GET /v1/shelves/first/{rest=**}",       // 14
      "* /any/{x}",                            // 15
      "POST /any/{x}",                         // 16
      "HEAD /heads",                           // 17
      "GET /heads",                            // 18
      "GET /",                                 // 19
      "GET /v2/{a}/{b=x/*}/{c=**}",            // 20
      "GET /a/*/c",                            // 21
      "GET /a/b/{x}",                          // 22
      "GET /.well-known/jwks.json",            // 23
      "GET /v1/{kind=fixed}",                  // 24
  };
  return rules;
}

const PathMatcher& Matcher() {
  static const auto& matcher = *[] {
    auto* made = new PathMatcher();
    for (size_t i = 0; i < Rules().size(); ++i) {
      const std::vector<std::string> words = absl::StrSplit(Rules()[i], ' ');
      const auto path = PathTemplate::Parse(words[1]);
      EXPECT_TRUE(path.ok()) << path.status();
      EXPECT_FALSE(made->Add(words[0], *path, i)) << Rules()[i];
    }
    return made;
  }();
  return matcher;
}

// "4 products/tea", "405 GET,HEAD", "404", "400".
std::string Found(absl::string_view method, absl::string_view path) {
  const PathMatch match = Matcher().Find(method, path);
  if (match.malformed) return "400";
  if (match.rule) {
    return absl::StrCat(*match.rule, match.variables.empty() ? "" : " ",
                        absl::StrJoin(match.variables, " | "));
  }
  return match.allowed.empty() ? "404" : absl::StrCat("405 ", absl::StrJoin(match.allowed, ","));
}

struct Row {
  const char* method;
  const char* path;
  const char* found;
};

constexpr Row kRows[] = {
    // Literals.
    {"GET", "/v1/products", "0"},
    {"POST", "/v1/products", "1"},
    {"HEAD", "/v1/products", "0"},
    {"PUT", "/v1/products", "405 GET,HEAD,POST"},
    {"OPTIONS", "/v1/products", "405 GET,HEAD,POST"},
    {"get", "/v1/products", "405 GET,HEAD,POST"},
    {"GET", "/v1/Products", "404"},
    {"GET", "/V1/products", "404"},
    {"GET", "/v1", "404"},
    {"GET", "/v1/product", "404"},
    {"GET", "/v1/productss", "404"},
    {"GET", "/", "19"},
    {"POST", "/", "405 GET,HEAD"},
    {"GET", "/.well-known/jwks.json", "23"},
    {"GET", "/v1/fixed", "24 fixed"},
    {"GET", "/v1/fixe%64", "24 fixed"},
    {"GET", "/v1/other", "404"},
    // Slashes and empty segments.
    {"GET", "", "404"},
    {"GET", "v1/products", "404"},
    {"GET", "//", "404"},
    {"GET", "//v1/products", "404"},
    {"GET", "/v1//products", "404"},
    {"GET", "/v1/products/", "404"},
    {"GET", "/v1/products//", "404"},
    {"GET", "/v1/products/tea/", "404"},
    {"GET", "/v1/files/", "404"},
    {"GET", "/v1/files/a/", "404"},
    {"GET", "/v1/files//a", "404"},
    {"GET", "/v1/shelves//books/b", "404"},
    {"GET", "*", "404"},
    // One segment.
    {"GET", "/v1/products/tea", "4 products/tea"},
    {"HEAD", "/v1/products/tea", "4 products/tea"},
    {"PATCH", "/v1/products/tea", "5 products/tea"},
    {"DELETE", "/v1/products/tea", "6 products/tea"},
    {"POST", "/v1/products/tea", "405 DELETE,GET,HEAD,PATCH"},
    {"GET", "/v1/products/tea/leaves", "404"},
    {"GET", "/v1/products/*", "4 products/*"},
    {"GET", "/v1/products/**", "4 products/**"},
    {"GET", "/v1/products/..", "4 products/.."},
    {"GET", "/v1/products/.", "4 products/."},
    {"GET", "/v1/products/{name}", "4 products/{name}"},
    {"GET", "/v1/products/a=b&c", "4 products/a=b&c"},
    {"GET", "/v1/products/a+b", "4 products/a+b"},
    {"GET", "/v1/products/a;b", "4 products/a;b"},
    {"GET", "/v1/shelves/1/books/2", "12 1 | 2"},
    {"GET", "/v1/shelves/1/books", "404"},
    {"GET", "/v1/shelves/1/books/2/3", "404"},
    {"GET", "/v1/shelves/1/books/best", "13"},
    {"GET", "/v1/shelves/first/books/best", "14 books/best"},
    {"GET", "/v1/shelves/first/books/2", "14 books/2"},
    // Escapes.
    {"GET", "/%76%31/products", "0"},
    {"GET", "/v1/pro%64ucts", "0"},
    {"GET", "/v1/products/gr%C3%BCn", "4 products/gr\xC3\xBCn"},
    {"GET", "/v1/products/gr\xC3\xBCn", "4 products/gr\xC3\xBCn"},
    {"GET", "/v1/products/a%20b", "4 products/a b"},
    {"GET", "/v1/products/a%2Bb", "4 products/a+b"},
    {"GET", "/v1/products/a%25b", "4 products/a%b"},
    {"GET", "/v1/products/a%2525b", "4 products/a%25b"},
    {"GET", "/v1/products/a%3Fb", "4 products/a?b"},
    {"GET", "/v1/products/a%23b", "4 products/a#b"},
    {"GET", "/v1/products/a%2Fb", "4 products/a%2Fb"},
    {"GET", "/v1/products/a%2fb", "4 products/a%2fb"},
    {"GET", "/v1/products%2Ftea", "404"},
    {"GET", "/v1%2Fproducts", "404"},
    {"GET", "/v1/shelves/a%2Fb/books/c%2fd", "12 a/b | c/d"},
    {"GET", "/v1/shelves/%2F/books/%2F%2F", "12 / | //"},
    {"GET", "/v1/products/%2E%2E", "4 products/.."},
    {"GET", "/v1/products/%", "400"},
    {"GET", "/v1/products/%2", "400"},
    {"GET", "/v1/products/%zz", "400"},
    {"GET", "/v1/products/%%41", "400"},
    {"GET", "/v1/products/a%", "400"},
    {"GET", "/nothing/%", "400"},
    {"GET", "/v1/shelves/%4/books/1", "400"},
    // Many segments.
    {"GET", "/v1/files", "9 files"},
    {"GET", "/v1/files/a", "9 files/a"},
    {"GET", "/v1/files/a/b/c", "9 files/a/b/c"},
    {"GET", "/v1/files/a%2Fb/c", "9 files/a%2Fb/c"},
    {"GET", "/v1/files/a%20b/%C3%BC", "9 files/a b/\xC3\xBC"},
    {"GET", "/v1/files/index", "11"},
    {"GET", "/v1/files/index/a", "9 files/index/a"},
    {"POST", "/v1/files/a", "405 GET,HEAD"},
    {"POST", "/v1/files/index", "405 GET,HEAD"},
    {"GET", "/v1/shelves/first", "14 "},
    {"GET", "/v1/shelves/first/a/b", "14 a/b"},
    {"GET", "/v1/shelves/first/books", "14 books"},
    {"GET", "/v1/shelves/second/a/b", "404"},
    {"GET", "/v2/1/x/2", "20 1 | x/2 | "},
    {"GET", "/v2/1/x/2/3", "20 1 | x/2 | 3"},
    {"GET", "/v2/1/x/2/3/4", "20 1 | x/2 | 3/4"},
    {"GET", "/v2/a%2Fb/x/c%2Fd/e%2Ff", "20 a/b | x/c%2Fd | e%2Ff"},
    {"GET", "/v2/1/y/2", "404"},
    {"GET", "/v2/1/x", "404"},
    // What is more special wins, and what comes of it must go on.
    {"GET", "/v1/products/featured", "8"},
    {"HEAD", "/v1/products/featured", "8"},
    {"PATCH", "/v1/products/featured", "5 products/featured"},
    {"POST", "/v1/products/featured", "405 DELETE,GET,HEAD,PATCH"},
    {"GET", "/a/b/c", "22 c"},
    {"GET", "/a/x/c", "21"},
    {"GET", "/a/b/d", "22 d"},
    {"GET", "/a/x/d", "404"},
    {"GET", "/a/b", "404"},
    // Verbs.
    {"GET", "/v1/products:search", "2"},
    {"POST", "/v1/products:search", "3"},
    {"PUT", "/v1/products:search", "405 GET,HEAD,POST"},
    {"GET", "/v1/products:se%61rch", "2"},
    {"GET", "/v1/products%3Asearch", "404"},
    {"GET", "/v1/products:Search", "404"},
    {"GET", "/v1/products:searching", "404"},
    {"GET", "/v1/products:", "404"},
    {"GET", "/v1/products:search:", "404"},
    {"GET", "/v1/products::search", "404"},
    {"GET", "/v1/products:search/", "404"},
    {"GET", "/v1/products/:search", "4 products/:search"},
    {"GET", "/v1/products/tea:search", "4 products/tea:search"},
    {"GET", "/v1/products/tea%3Asearch", "4 products/tea:search"},
    {"GET", "/v1/products/a:b:c", "4 products/a:b:c"},
    {"GET", "/v1/products/featured:x", "4 products/featured:x"},
    {"POST", "/v1/stock/tea:adjust", "7 stock/tea"},
    {"POST", "/v1/stock/a:b:adjust", "7 stock/a:b"},
    {"POST", "/v1/stock/a%3Aadjust:adjust", "7 stock/a:adjust"},
    {"POST", "/v1/stock/a%2Fb:adjust", "7 stock/a%2Fb"},
    {"GET", "/v1/stock/tea:adjust", "405 POST"},
    {"POST", "/v1/stock/tea", "404"},
    {"POST", "/v1/stock/:adjust", "404"},
    {"POST", "/v1/stock:adjust", "404"},
    {"POST", "/v1/stock/tea:adjust%", "400"},
    {"PUT", "/v1/files/a:move", "10 files/a"},
    {"PUT", "/v1/files/a/b:move", "10 files/a/b"},
    {"PUT", "/v1/files:move", "10 files"},
    {"PUT", "/v1/files/a:b/c:move", "10 files/a:b/c"},
    {"GET", "/v1/files/a:move", "405 PUT"},
    {"GET", "/v1/files/a:copy", "9 files/a:copy"},
    {"GET", "/v1/files/a:move/b", "9 files/a:move/b"},
    {"GET", "/:ping", "404"},
    // Any HTTP method, and those with one of their own.
    {"GET", "/any/1", "15 1"},
    {"REPORT", "/any/1", "15 1"},
    {"HEAD", "/any/1", "15 1"},
    {"POST", "/any/1", "16 1"},
    {"HEAD", "/heads", "17"},
    {"GET", "/heads", "18"},
    {"POST", "/heads", "405 GET,HEAD"},
    // Names of RPCs are no paths of REST.
    {"POST", "/arasta.catalog.v1.CatalogService/GetProduct", "404"},
};

TEST(PathMatcherTest, FindsTheMostSpecialRule) {
  static_assert(std::size(kRows) > 130);
  for (const Row& row : kRows)
    EXPECT_EQ(Found(row.method, row.path), row.found) << row.method << " " << row.path;
}

TEST(PathMatcherTest, TakesRulesInAnyOrder) {
  PathMatcher matcher;
  for (size_t i = Rules().size(); i-- > 0;) {
    const std::vector<std::string> words = absl::StrSplit(Rules()[i], ' ');
    ASSERT_FALSE(matcher.Add(words[0], *PathTemplate::Parse(words[1]), i));
  }
  for (const Row& row : kRows)
    EXPECT_EQ(matcher.Find(row.method, row.path).rule, Matcher().Find(row.method, row.path).rule) << row.path;
}

struct Pair {
  const char* first;
  const char* second;
  bool conflict;
};

constexpr Pair kPairs[] = {
    {"GET /a", "GET /a", true},
    {"GET /a", "POST /a", false},
    {"GET /a", "GET /a:b", false},
    {"GET /a:b", "GET /a:b", true},
    {"GET /a:b", "GET /a:c", false},
    {"GET /{x}", "GET /{y}", true},
    {"GET /{x}", "GET /*", true},
    {"GET /{x}", "GET /{x=**}", false},
    {"GET /{x}", "GET /a", false},
    {"GET /{x=a/*}", "GET /a/{y}", true},
    {"GET /{x=a/*}", "GET /a/*/b", false},
    {"GET /{x=**}", "GET /**", true},
    {"GET /{x=a/**}", "GET /a/{y=**}", true},
    {"* /a", "* /a", true},
    {"* /a", "GET /a", false},
};

TEST(PathMatcherTest, TellsWhichRulesSayTheSame) {
  for (const Pair& pair : kPairs) {
    PathMatcher matcher;
    const std::vector<std::string> first = absl::StrSplit(pair.first, ' ');
    const std::vector<std::string> second = absl::StrSplit(pair.second, ' ');
    ASSERT_FALSE(matcher.Add(first[0], *PathTemplate::Parse(first[1]), 7));
    const absl::optional<size_t> other = matcher.Add(second[0], *PathTemplate::Parse(second[1]), 8);
    EXPECT_EQ(other, pair.conflict ? absl::optional<size_t>(7) : absl::nullopt)
        << pair.first << ", " << pair.second;
  }
}

TEST(PathMatcherTest, FindsNothingInNothing) {
  EXPECT_FALSE(PathMatcher().Find("GET", "/").rule);
  EXPECT_TRUE(PathMatcher().Find("GET", "/a").allowed.empty());
}

}  // namespace
}  // namespace arasta::gateway
