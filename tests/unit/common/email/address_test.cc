#include "common/email/address.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace arasta::email {
namespace {

std::string TextOf(absl::string_view typed) {
  const absl::optional<Address> address = ParseAddress(typed);
  return address ? address->text() : "";
}

// A domain of `size` bytes in labels as long as they may be.
std::string DomainOf(size_t size) {
  std::string domain = "example";
  while (domain.size() + 65 <= size) domain = absl::StrCat(std::string(63, 'd'), ".", domain);
  return absl::StrCat(std::string(size - domain.size() - 1, 'e'), ".", domain);
}

TEST(AddressTest, IsANameAtADomain) {
  for (const char* text : {"ada@shop.example", "Ada.Love+tea@x-y.example", "o'hara@mail.shop.example",
                           "1@2.example", "!#$%&'*+-/=?^_`{|}~@shop.example", "ada@xn--bcher-kva.example"}) {
    const absl::optional<Address> address = ParseAddress(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
    EXPECT_EQ(address->written, text);
  }
}

TEST(AddressTest, KeepsCaseInTheNameAlone) {
  EXPECT_EQ(TextOf("Ada@Shop.EXAMPLE"), "Ada@shop.example");
  EXPECT_EQ(TextOf("ada@XN--BCHER-KVA.example"), "ada@xn--bcher-kva.example");
}

TEST(AddressTest, HasItsDomainInAscii) {
  EXPECT_EQ(TextOf("ada@Bücher.example"), "ada@xn--bcher-kva.example");
  EXPECT_EQ(TextOf("ada@straße.example"), "ada@xn--strae-oqa.example");
  EXPECT_EQ(TextOf("ada@例え。テスト"), "ada@xn--r8jz45g.xn--zckzah");
  EXPECT_EQ(TextOf("ada@пример.example"), "ada@xn--e1afmkfd.example");
}

TEST(AddressTest, IsWrittenAsItWasTyped) {
  EXPECT_EQ(ParseAddress("Ada@Bücher.Example")->written, "Ada@Bücher.Example");
  EXPECT_EQ(ParseAddress(" ada@shop.example\r\n")->written, "ada@shop.example");
  EXPECT_EQ(ParseAddress("ａｄａ@ｓｈｏｐ.example")->written, "ada@ｓｈｏｐ.example");
}

TEST(AddressTest, IsTheSameOneWhenItIsParsedAgain) {
  for (const char* typed : {" Ada@Bücher.Example ", "ａｄａ@ｓｈｏｐ。example", "ada@xn--bcher-kva.example",
                            "a\xe3\x8f\x82x@shop.example"}) {
    const absl::optional<Address> address = ParseAddress(typed);
    ASSERT_TRUE(address) << typed;
    for (const std::string& form : {address->written, address->text()}) {
      EXPECT_EQ(TextOf(form), address->text()) << typed;
    }
    EXPECT_EQ(ParseAddress(address->written)->written, address->written);
  }
}

TEST(AddressTest, IsAsLongAsMailAllows) {
  const std::string name(64, 'a');
  const std::string longest = absl::StrCat(name, "@", DomainOf(189));
  ASSERT_EQ(longest.size(), 254u);
  EXPECT_EQ(TextOf(longest), longest);
  EXPECT_EQ(TextOf(absl::StrCat(name, "@", DomainOf(190))), "");
  EXPECT_EQ(TextOf(absl::StrCat(name, "a@shop.example")), "");
  EXPECT_EQ(TextOf(absl::StrCat("a@", DomainOf(252))), absl::StrCat("a@", DomainOf(252)));
  EXPECT_EQ(TextOf(absl::StrCat("a@", std::string(63, 'b'), ".example")),
            absl::StrCat("a@", std::string(63, 'b'), ".example"));
  EXPECT_EQ(TextOf(absl::StrCat("a@", std::string(64, 'b'), ".example")), "");
}

// "ü." is three bytes and "xn--tda." eight.
TEST(AddressTest, CountsTheDomainsAsciiForm) {
  const std::string name(64, 'a');
  std::string domain = "example";
  for (int label = 0; label < 22; ++label) domain = absl::StrCat("ü.", domain);
  EXPECT_EQ(TextOf(absl::StrCat(name, "@", domain)).size(), 248u);
  EXPECT_EQ(TextOf(absl::StrCat(name, "@ü.", domain)), "");
}

// "㏂", three bytes, is "a.m.", four.
TEST(AddressTest, CountsWhatIsStored) {
  std::string wide;
  for (int letter = 0; letter < 40; ++letter) wide += "ｄ";
  const std::string domain = absl::StrCat(wide, ".", wide, ".example");
  const std::string typed = absl::StrCat("㏂x@", domain);
  ASSERT_EQ(typed.size(), 254u);
  EXPECT_EQ(TextOf(typed), "");
  EXPECT_EQ(ParseAddress(absl::StrCat("axx@", domain))->written, absl::StrCat("axx@", domain));
}

struct Refused {
  const char* what;
  std::vector<std::string> texts;
};

class RefusedAddressTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedAddressTest, IsNothingThatMailCanReach) {
  for (const std::string& text : GetParam().texts) EXPECT_EQ(TextOf(text), "") << absl::CEscape(text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedAddressTest,
    testing::Values(
        Refused{"NoAddress", {"", " ", "@", "ada", "@shop.example", "ada@", "shop.example"}},
        Refused{"OneLabel", {"a@b", "ada@localhost", "ada@com"}},
        Refused{"QuotedName",
                {"\"ada\"@shop.example", "\"ada love\"@shop.example", "\"a\\@b\"@shop.example"}},
        Refused{"DotsInTheName",
                {".ada@shop.example", "ada.@shop.example", "a..da@shop.example", ".@shop.example"}},
        Refused{"DotsInTheDomain",
                {"ada@shop.example.", "ada@shop.example。", "ada@shop..example", "ada@.example", "ada@."}},
        Refused{"IpAddress",
                {"ada@127.0.0.1", "ada@[127.0.0.1]", "ada@[IPv6:::1]", "ada@0x7f.1", "ada@１２７.０.０.１"}},
        Refused{"Hyphens",
                {"ada@-shop.example", "ada@shop-.example", "ada@sh--op.example", "ada@shop.-example"}},
        Refused{"Punycode", {"ada@xn--.example", "ada@xn--bcher-kva9.example", "ada@xn--shop-.example"}},
        Refused{"NoHostName",
                {"ada@sh_op.example", "ada@shop!.example", "ada@shop.example/x", "ada@shop.example:25"}},
        Refused{
            "MoreThanOne",
            {"a@b@shop.example", "a@a.example,b@b.example", "a@a.example b@b.example", "ada@a.example;b"}},
        Refused{"Decoration",
                {"<ada@shop.example>", "Ada <ada@shop.example>", "ada(x)@shop.example",
                 "mailto:ada@shop.example", "@relay.example:ada@shop.example"}},
        Refused{"Blank",
                {"ada love@shop.example", "ada@sh op.example", "ada @shop.example", "ada@ shop.example"}},
        Refused{"Control",
                {std::string("a\0da@shop.example", 17), std::string("ada@shop.example\0", 17),
                 "ada\x7f@shop.example", "ada\t@shop.example", "\x1b[0mada@shop.example",
                 "ada@shop\x01.example", "ada\xc2\x85@shop.example"}},
        Refused{"HeaderInjection",
                {"ada@shop.example\r\nBcc: eve@evil.example", "ada@shop.example\nBcc: eve",
                 "ada\r\nDATA@shop.example", "ada@shop.example\rRCPT TO:<eve@evil.example>",
                 "ada@shop.example> SIZE=1",
                 "ada@shop.example\xe2\x80\xa8"
                 "Bcc: eve@evil.example"}},
        Refused{"OtherLetters", {"adä@shop.example", "андрей@shop.example", "ada\xe2\x80\x8b@shop.example"}},
        Refused{"FullWidthAt", {"ada＠shop.example", "ada＠evil@shop.example", "ada@evil＠shop.example"}},
        Refused{"NoUtf8", {"ada@\xff.example", "\xff@shop.example", "ada@b\xc3.example"}}),
    [](const auto& info) { return info.param.what; });

}  // namespace
}  // namespace arasta::email
