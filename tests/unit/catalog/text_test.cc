#include "services/catalog/text.h"

#include "gtest/gtest.h"

namespace arasta::catalog {
namespace {

TEST(SlugifyTest, MakesAReadableKeyOfAnyTitle) {
  EXPECT_EQ(Slugify("Rize Çayı, 100 g"), "rize-cayi-100-g");
  EXPECT_EQ(Slugify("  Baker's  dozen! "), "bakers-dozen");
  EXPECT_EQ(Slugify("чай"), "caj");
  EXPECT_EQ(Slugify("libstdc++6"), "libstdc-6");
}

TEST(SlugifyTest, IsEmptyWhereNothingIsLeft) {
  EXPECT_EQ(Slugify(""), "");
  EXPECT_EQ(Slugify("!!!"), "");
  EXPECT_EQ(Slugify("🫖"), "");
}

TEST(SlugifyTest, IsASlugWhateverTheLength) {
  EXPECT_TRUE(IsSlug(Slugify(std::string(99, 'a') + " b c")));
  EXPECT_TRUE(IsSlug(Slugify(std::string(10000, 'x'))));
}

TEST(IsSlugTest, AcceptsSingleDashesBetweenWordsOnly) {
  EXPECT_TRUE(IsSlug("rize-black-tea-2"));
  for (const char* text : {"", "-a", "a-", "a--b", "A", "a b", "ä"}) EXPECT_FALSE(IsSlug(text)) << text;
}

TEST(IsSkuTest, AcceptsWhatPackagesAndShopsUse) {
  for (const char* text : {"TEA-RIZE-100", "libstdc++6", "python3.11", "a"}) EXPECT_TRUE(IsSku(text)) << text;
  for (const char* text : {"", "-a", "a b", "a/b", "a'b", "ä"}) EXPECT_FALSE(IsSku(text)) << text;
  EXPECT_FALSE(IsSku(std::string(101, 'a')));
}

TEST(IsWebAddressTest, AcceptsWhatABrowserFetchesFromAWebServer) {
  for (const char* text : {"https://cdn.example/tea.webp", "http://localhost:8080",
                           "https://127.0.0.1/a?b=c&d#e", "https://cdn.example/%C3%A7ay.webp"}) {
    EXPECT_TRUE(IsWebAddress(text)) << text;
  }
  for (const char* text :
       {"", "javascript:alert(1)", "data:image/svg+xml,x", "//cdn.example/a", "/tea.webp", "https://",
        "https:///a", "https://:80/a", "https://a:b/", "https://user@evil.example/",
        "https://user:1@evil.example/", "https://a.example/x y", "https://a.example/\"onload=x",
        "https://a.example/<b>", "https://çay.example/"}) {
    EXPECT_FALSE(IsWebAddress(text)) << text;
  }
}

TEST(CutTest, CutsBetweenCodePoints) {
  EXPECT_EQ(Cut("çay", 1), "ç");
  EXPECT_EQ(Cut("çay", 10), "çay");
  EXPECT_EQ(LengthOf("🫖çay"), 4u);
}

}  // namespace
}  // namespace arasta::catalog
