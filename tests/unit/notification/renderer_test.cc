#include "services/notification/renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/errors.h"
#include "services/notification/message_template.h"

namespace arasta::notification {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

json Euro(int64_t minor_units) {
  return {{"currency_code", "EUR"}, {"minor_units", minor_units}};
}

json PlacedOrder() {
  return {{"display_name", "Ada"},
          {"order_number", "A-100042"},
          {"place_time", {{"unix_seconds", 1795301823}}},
          {"lines",
           {{{"title", "Green tea"}, {"quantity", 2}, {"unit_price", Euro(499)}, {"line_total", Euro(998)}},
            {{"title", "Cup"}, {"quantity", 1}, {"unit_price", Euro(1250)}, {"line_total", Euro(1250)}}}},
          {"subtotal", Euro(2248)},
          {"shipping", Euro(490)},
          {"tax", false},
          {"discount", false},
          {"total", Euro(2738)}};
}

class RendererTest : public testing::Test {
 protected:
  RenderedMessage Render(const std::string& name, const char* locale, const json& variables) {
    absl::StatusOr<RenderedMessage> message = renderer_.Render(name, locale, variables);
    EXPECT_TRUE(message.ok()) << message.status();
    return message.ok() ? *std::move(message) : RenderedMessage{};
  }

  const Renderer renderer_{EmbeddedTemplates(), "Arasta"};
};

TEST(LocaleFallbackTest, EndsInEnglish) {
  EXPECT_THAT(LocaleFallback("de-CH"), ElementsAre("de-CH", "de", "en"));
  EXPECT_THAT(LocaleFallback("zh-Hant-TW"), ElementsAre("zh-Hant-TW", "zh-Hant", "zh", "en"));
  EXPECT_THAT(LocaleFallback("en-GB"), ElementsAre("en-GB", "en"));
  EXPECT_THAT(LocaleFallback("en"), ElementsAre("en"));
  EXPECT_THAT(LocaleFallback(""), ElementsAre("en"));
}

TEST_F(RendererTest, ListsLinesAndTotalsOfAnOrder) {
  const RenderedMessage mail = Render("order_placed", "en", PlacedOrder());
  EXPECT_EQ(mail.subject, "Your order A-100042");
  EXPECT_THAT(mail.text, HasSubstr("Hello Ada,"));
  EXPECT_THAT(mail.text, HasSubstr("  2 × Green tea\n      €4.99 each, €9.98\n"));
  EXPECT_THAT(mail.text, HasSubstr("  1 × Cup\n      €12.50 each, €12.50\n"));
  EXPECT_THAT(mail.text, HasSubstr("  Subtotal  €22.48\n  Shipping  €4.90\n  Total     €27.38\n"));
  EXPECT_THAT(mail.html, HasSubstr("Green tea"));
  EXPECT_THAT(mail.html, HasSubstr("€27.38"));
}

TEST_F(RendererTest, LeavesOutAmountsThatAreZero) {
  const RenderedMessage mail = Render("order_placed", "en", PlacedOrder());
  EXPECT_THAT(mail.text, Not(HasSubstr("Tax")));
  EXPECT_THAT(mail.html, Not(HasSubstr("Discount")));
}

TEST_F(RendererTest, FallsBackFromRegionToLanguageKeepingItsMoney) {
  json order = PlacedOrder();
  order["total"] = {{"currency_code", "CHF"}, {"minor_units", 123456}};
  const RenderedMessage mail = Render("order_placed", "de-CH", order);
  EXPECT_EQ(mail.locale, "de-CH");
  EXPECT_EQ(mail.subject, "Ihre Bestellung A-100042");
  EXPECT_THAT(mail.text, HasSubstr("CHF\u00a01’234.56"));
}

TEST_F(RendererTest, FallsBackToEnglishWithEnglishMoney) {
  const RenderedMessage mail = Render("order_placed", "tr", PlacedOrder());
  EXPECT_EQ(mail.locale, "en");
  EXPECT_THAT(mail.text, HasSubstr("€27.38"));
}

TEST_F(RendererTest, EscapesHtmlInHtmlOnly) {
  json order = PlacedOrder();
  order["display_name"] = "<script>alert('x')</script>";
  order["lines"][0]["title"] = "Tea & \"biscuits\" {{order_number}}";
  const RenderedMessage mail = Render("order_placed", "en", order);
  EXPECT_THAT(mail.html, Not(HasSubstr("<script>")));
  EXPECT_THAT(mail.html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(mail.html, HasSubstr("Tea &amp; &quot;biscuits&quot; {{order_number}}"));
  EXPECT_THAT(mail.text, HasSubstr("Tea & \"biscuits\" {{order_number}}"));
}

TEST_F(RendererTest, NamesTheVariableThatIsMissing) {
  json order = PlacedOrder();
  order.erase("total");
  const absl::Status status = renderer_.Render("order_placed", "en", order).status();
  EXPECT_EQ(ReasonOf(status), "MISSING_VARIABLE");
  EXPECT_THAT(std::string(status.message()), HasSubstr("variables.total"));
}

TEST_F(RendererTest, RefusesAMessageThatIsTooLarge) {
  json order = PlacedOrder();
  order["display_name"] = std::string(200 * 1024, 'x');
  EXPECT_EQ(ReasonOf(renderer_.Render("order_placed", "en", order).status()), "MESSAGE_TOO_LARGE");
}

TEST_F(RendererTest, KnowsNoOtherTemplates) {
  EXPECT_EQ(renderer_.Render("newsletter", "en", json::object()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RendererTest, GreetsWithoutANameToo) {
  const RenderedMessage mail = Render("welcome", "en", {{"display_name", ""}});
  EXPECT_EQ(mail.subject, "Welcome to Arasta");
  EXPECT_THAT(mail.text, HasSubstr("Hello,\n"));
}

// Each message in each language, with everything switched on, leaves no hole and no tag.
TEST_F(RendererTest, FillsEveryTemplateInEveryLanguage) {
  json everything = PlacedOrder();
  for (const char* flag : {"by_customer", "out_of_stock", "payment_failed", "unfinished"})
    everything[flag] = true;
  for (const char* time : {"attempt_time", "revoke_time", "cancel_time"})
    everything[time] = {{"unix_seconds", 0}};
  everything["tax"] = everything["discount"] = Euro(1);
  for (const MessageTemplate& message : MessageTemplates()) {
    for (const char* locale : {"en", "de"}) {
      const RenderedMessage mail = Render(message.name, locale, everything);
      EXPECT_EQ(mail.locale, locale) << message.name;
      EXPECT_THAT(mail.subject + mail.text + mail.html, Not(HasSubstr("{{"))) << message.name;
    }
  }
}

}  // namespace
}  // namespace arasta::notification
