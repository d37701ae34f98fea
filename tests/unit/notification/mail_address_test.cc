#include "services/notification/mail_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "common/base/errors.h"

namespace arasta::notification {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Refused {
  const char* what;
  std::string text;
};

class RefusedAddressTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedAddressTest, IsNotAnAddress) {
  const absl::StatusOr<MailAddress> address = MailAddress::Parse(GetParam().text);
  ASSERT_FALSE(address.ok());
  EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument);
  if (!GetParam().text.empty()) {
    EXPECT_THAT(std::string(address.status().message()), Not(HasSubstr(GetParam().text)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedAddressTest,
    testing::Values(
        Refused{"Empty", ""}, Refused{"NoAt", "ada"}, Refused{"NoLocalPart", "@shop.example"},
        Refused{"NoDomain", "ada@"}, Refused{"CrLf", "ada@shop.example\r\nRCPT TO:<eve@evil.example>"},
        Refused{"CrLfInLocalPart", "ada\r\nDATA@shop.example"}, Refused{"Lf", "ada@shop.example\nBcc: eve"},
        Refused{"Cr", "ada@shop.example\rBcc: eve"}, Refused{"Nul", std::string("ada@shop.example\0x", 18)},
        Refused{"NulInLocalPart", std::string("a\0da@shop.example", 17)},
        Refused{"Tab", "ada\t@shop.example"}, Refused{"Space", "ada love@shop.example"},
        Refused{"Delete", "ada\x7f@shop.example"}, Refused{"C1Control", "ada\xc2\x85@shop.example"},
        Refused{"LineSeparator", "ada@shop.example\xe2\x80\xa8"},
        Refused{"AngleBracket", "ada@shop.example> SIZE=1"},
        Refused{"SecondAddress", "ada@a.example,eve@b.example"},
        Refused{"SourceRoute", "@evil.example:ada@shop.example"},
        Refused{"Quoted", "\"ada love\"@shop.example"}, Refused{"TwoAts", "ada@evil@shop.example"},
        Refused{"OneLabel", "ada@shop"}, Refused{"IpAddress", "ada@127.0.0.1"},
        Refused{"Comment", "ada(x)@shop.example"}, Refused{"AddressLiteral", "ada@[127.0.0.1]"},
        Refused{"BrokenUtf8", "ada@\xff.example"}, Refused{"NonAsciiLocalPart", "ad\xc3\xa4@shop.example"},
        Refused{"DotFirst", ".ada@shop.example"}, Refused{"TwoDots", "a..da@shop.example"},
        Refused{"FullWidthAt", "ada\xef\xbc\xa0shop.example"},
        Refused{"LongLocalPart", std::string(65, 'a') + "@shop.example"},
        Refused{"LongDomain", "ada@" + std::string(260, 'a') + ".example"}),
    [](const auto& info) { return info.param.what; });

TEST(MailAddressTest, KeepsPlainAddresses) {
  for (const char* text : {"ada@shop.example", "a.b+c@x-y.example", "o'hara@shop.example", "1@2.example"}) {
    const absl::StatusOr<MailAddress> address = MailAddress::Parse(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->text(), text);
  }
}

TEST(MailAddressTest, WritesInternationalDomainsInAscii) {
  const absl::StatusOr<MailAddress> address = MailAddress::Parse(
      "ada@b\xc3\xbc"
      "cher.example");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->text(), "ada@xn--bcher-kva.example");
  EXPECT_EQ(address->domain(), "xn--bcher-kva.example");
}

TEST(MailboxTest, HasANameAndAnAddress) {
  EXPECT_EQ(ParseMailbox("Arasta <shop@arasta.example>")->name, "Arasta");
  EXPECT_EQ(ParseMailbox("Arasta <shop@arasta.example>")->address.text(), "shop@arasta.example");
  EXPECT_EQ(ParseMailbox("shop@arasta.example")->name, "shop@arasta.example");
  for (const char* text :
       {"", "Arasta", "Arasta <>", "Arasta <shop@arasta.example", "A\r\nB: <shop@arasta.example>"}) {
    EXPECT_FALSE(ParseMailbox(text).ok()) << text;
  }
}

// Whatever comes in, nothing that ends a command or a header line comes out.
TEST(MailAddressTest, NeverLetsALineEndThrough) {
  std::mt19937 random(20261121);
  const std::string alphabet =
      std::string("ab@.<>,;:\" \t\r\n\x7f\xc2\x85\xe2\x80\xa8\xff") + std::string(1, '\0');
  int accepted = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text = "ada@b.example";
    for (size_t changes = 1 + random() % 4; changes > 0; --changes) {
      text.insert(random() % (text.size() + 1), 1, alphabet[random() % alphabet.size()]);
    }
    const absl::StatusOr<MailAddress> address = MailAddress::Parse(text);
    if (!address.ok()) continue;
    ++accepted;
    for (char c : address->text()) ASSERT_TRUE(absl::ascii_isgraph(static_cast<unsigned char>(c)));
    ASSERT_FALSE(absl::StrContains(address->text(), '>'));
  }
  EXPECT_GT(accepted, 1000);
}

TEST(HeaderTextTest, RefusesWhatEndsALine) {
  for (const std::string& text :
       {std::string("a\r\nBcc: eve@evil.example"), std::string("a\nb"), std::string("a\rb"),
        std::string("a\0b", 3), std::string("a\x0b"), std::string("\x1b[0m"), std::string("a\xc2\x85"),
        std::string("a\xe2\x80\xa9"), std::string("\xc3")}) {
    const absl::Status status = CheckHeaderText("subject", text);
    EXPECT_EQ(ReasonOf(status), "INVALID_HEADER_TEXT") << absl::CEscape(text);
  }
}

TEST(HeaderTextTest, KeepsTextInAnyScript) {
  EXPECT_TRUE(CheckHeaderText("subject", "Ihre Bestellung \xc3\xbc\xe2\x82\xac \xf0\x9f\x8e\x89").ok());
  EXPECT_TRUE(CheckHeaderText("subject", "").ok());
}

}  // namespace
}  // namespace arasta::notification
