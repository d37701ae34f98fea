#include "services/notification/mime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"

namespace arasta::notification {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

Mail SomeMail() {
  return Mail{.from_name = "Arasta",
              .from = *MailAddress::Parse("shop@arasta.example"),
              .to = *MailAddress::Parse("ada@reader.example"),
              .subject = "Your order A-100042",
              .language = "en",
              .text = "Hello Ada,\nthank you.\n",
              .html = "<p>Hello Ada,</p>\n",
              .id = "0193f2c4-0000-7000-8000-000000000001",
              .date = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 22, 57, 3), absl::UTCTimeZone())};
}

// Undoes EncodeHeaderText the way a mail reader does.
std::string DecodeWords(absl::string_view encoded) {
  std::string text;
  for (absl::string_view word : absl::StrSplit(encoded, "\r\n ")) {
    EXPECT_LE(word.size(), 75u);
    std::string bytes;
    EXPECT_TRUE(absl::Base64Unescape(word.substr(10, word.size() - 12), &bytes));
    text += bytes;
  }
  return text;
}

TEST(WriteMailTest, SaysWhoToWhomAndAboutWhat) {
  const absl::StatusOr<std::string> mail = WriteMail(SomeMail());
  ASSERT_TRUE(mail.ok());
  const std::string headers = mail->substr(0, mail->find("\r\n\r\n"));
  EXPECT_EQ(headers,
            "Date: Sat, 21 Nov 2026 22:57:03 +0000\r\n"
            "From: \"Arasta\" <shop@arasta.example>\r\n"
            "To: <ada@reader.example>\r\n"
            "Subject: Your order A-100042\r\n"
            "Message-ID: <0193f2c4-0000-7000-8000-000000000001@arasta.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "Content-Language: en\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative; boundary=\"part-0193f2c4-0000-7000-8000-000000000001\"");
}

TEST(WriteMailTest, CarriesTextBeforeHtml) {
  const std::string mail = *WriteMail(SomeMail());
  const size_t text = mail.find("text/plain");
  const size_t html = mail.find("text/html");
  ASSERT_NE(text, std::string::npos);
  ASSERT_NE(html, std::string::npos);
  EXPECT_LT(text, html);
  EXPECT_THAT(mail, HasSubstr("Hello Ada,\r\nthank you.\r\n"));
  EXPECT_THAT(mail, HasSubstr("\r\n--part-0193f2c4-0000-7000-8000-000000000001--\r\n"));
}

TEST(WriteMailTest, WritesTheSameBytesAgain) {
  EXPECT_EQ(*WriteMail(SomeMail()), *WriteMail(SomeMail()));
}

TEST(WriteMailTest, EndsEveryLineWithCrLfAndStaysNarrow) {
  Mail mail = SomeMail();
  mail.subject = "Ihre Bestellung \xc3\xbc" + std::string(300, 'x');
  mail.text = std::string(500, 'y') + "\n.\nz";
  const std::string written = *WriteMail(mail);
  EXPECT_THAT(absl::StrReplaceAll(written, {{"\r\n", ""}}), Not(HasSubstr("\n")));
  for (absl::string_view line : absl::StrSplit(written, "\r\n")) EXPECT_LE(line.size(), 90u) << line;
}

TEST(WriteMailTest, RefusesHeadersThatWouldBecomeTwo) {
  for (std::string Mail::*field : {&Mail::subject, &Mail::from_name, &Mail::language, &Mail::id}) {
    Mail mail = SomeMail();
    mail.*field += "\r\nBcc: eve@evil.example";
    EXPECT_EQ(ReasonOf(WriteMail(mail).status()), "INVALID_HEADER_TEXT");
  }
}

TEST(EncodeHeaderTextTest, LeavesShortAsciiAlone) {
  EXPECT_EQ(EncodeHeaderText("Your order A-100042"), "Your order A-100042");
  EXPECT_EQ(EncodeHeaderText(""), "");
}

TEST(EncodeHeaderTextTest, EncodesOtherScripts) {
  EXPECT_EQ(EncodeHeaderText("f\xc3\xbcr"), "=?UTF-8?B?ZsO8cg==?=");
}

TEST(EncodeHeaderTextTest, EncodesWhatLooksEncoded) {
  EXPECT_EQ(DecodeWords(EncodeHeaderText("=?UTF-8?B?ZsO8cg==?=")), "=?UTF-8?B?ZsO8cg==?=");
}

TEST(EncodeHeaderTextTest, CutsLongTextBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "\xe2\x82\xac";
  const std::string encoded = EncodeHeaderText(text);
  EXPECT_EQ(DecodeWords(encoded), text);
  for (absl::string_view word : absl::StrSplit(encoded, "\r\n ")) {
    std::string bytes;
    ASSERT_TRUE(absl::Base64Unescape(word.substr(10, word.size() - 12), &bytes));
    EXPECT_EQ(bytes.size() % 3, 0u) << "a euro sign was cut";
  }
}

TEST(QuotedPrintableTest, EscapesAndBreaksLines) {
  EXPECT_EQ(QuotedPrintable("a=b"), "a=3Db\r\n");
  EXPECT_EQ(QuotedPrintable("f\xc3\xbcr\n"), "f=C3=BCr\r\n");
  EXPECT_EQ(QuotedPrintable("trailing \nnext"), "trailing=20\r\nnext\r\n");
  EXPECT_EQ(QuotedPrintable("a\rb\r\nc"), "a\r\nb\r\nc\r\n");
  const std::vector<std::string> lines = absl::StrSplit(QuotedPrintable(std::string(200, '\x01')), "\r\n");
  EXPECT_THAT(lines, Each(SizeIs(testing::Le(76))));
  EXPECT_THAT(lines.front(), StartsWith("=01"));
}

}  // namespace
}  // namespace arasta::notification
