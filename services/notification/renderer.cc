#include "services/notification/renderer.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "kainjow/mustache.hpp"
#include "services/notification/message_template.h"
#include "services/notification/value_text.h"

namespace arasta::notification {
namespace {

namespace mustache = kainjow::mustache;
using nlohmann::json;

constexpr char kDefaultLocale[] = "en";
constexpr absl::string_view kExtension = ".mustache";
constexpr absl::string_view kSubjectMark = "Subject: ";
constexpr absl::string_view kHtmlMark = "\n--html--\n";

constexpr size_t kMaxMessageBytes = 256 * 1024;

enum class Escape { kNone, kHtml };

// Mustache renders an unknown name as nothing; a mail with a hole in it is worse than none.
class StrictContext : public mustache::context<std::string> {
 public:
  using mustache::context<std::string>::context;

  const mustache::data* get(const std::string& name) const override {
    const mustache::data* found = mustache::context<std::string>::get(name);
    if (found == nullptr && missing_.empty()) missing_ = name;
    return found;
  }

  // The first name that was asked for in vain.
  const std::string& missing() const { return missing_; }

 private:
  mutable std::string missing_;
};

void DieOfBadTemplate(absl::string_view file_name, absl::string_view why) {
  std::fputs(absl::StrCat("template ", file_name, ": ", why, "\n").c_str(), stderr);
  std::abort();
}

absl::StatusOr<mustache::data> ToMustache(const json& value, const std::string& locale);

bool IsMoney(const json& object) {
  return object.contains("currency_code") && object["currency_code"].is_string() &&
         object.contains("minor_units") && object["minor_units"].is_number_integer();
}

bool IsTime(const json& object) {
  return object.contains("unix_seconds") && object["unix_seconds"].is_number_integer();
}

absl::StatusOr<mustache::data> ObjectToMustache(const json& object, const std::string& locale) {
  if (IsMoney(object)) {
    ASSIGN_OR_RETURN(std::string text, MoneyText(object["currency_code"].get<std::string>(),
                                                 object["minor_units"].get<int64_t>(), locale));
    return mustache::data(text);
  }
  if (IsTime(object)) {
    ASSIGN_OR_RETURN(std::string text,
                     TimeText(absl::FromUnixSeconds(object["unix_seconds"].get<int64_t>()), locale));
    return mustache::data(text);
  }
  mustache::data result{mustache::object{}};
  for (const auto& [name, member] : object.items()) {
    ASSIGN_OR_RETURN(mustache::data converted, ToMustache(member, locale));
    result.set(name, converted);
  }
  return result;
}

absl::StatusOr<mustache::data> ListToMustache(const json& list, const std::string& locale) {
  mustache::data result{mustache::data::type::list};
  for (const json& item : list) {
    ASSIGN_OR_RETURN(mustache::data converted, ToMustache(item, locale));
    result.push_back(converted);
  }
  return result;
}

// An empty string is false, so that a template can ask whether there is one.
absl::StatusOr<mustache::data> ToMustache(const json& value, const std::string& locale) {
  if (value.is_object()) return ObjectToMustache(value, locale);
  if (value.is_array()) return ListToMustache(value, locale);
  if (value.is_boolean()) return mustache::data(value.get<bool>());
  if (value.is_null() || value == "") return mustache::data(false);
  if (value.is_string()) return mustache::data(value.get<std::string>());
  return mustache::data(value.dump());
}

absl::StatusOr<std::string> Fill(const std::string& text, const mustache::data& variables, Escape escape) {
  mustache::mustache parsed(text);
  if (escape == Escape::kNone) parsed.set_custom_escape([](const std::string& value) { return value; });
  StrictContext context(&variables);
  std::string filled = parsed.render(context);
  if (!context.missing().empty()) {
    return InvalidField(absl::StrCat("variables.", context.missing()), "is missing", "MISSING_VARIABLE");
  }
  return filled;
}

absl::string_view LanguageOf(absl::string_view locale) {
  return locale.substr(0, locale.find('-'));
}

}  // namespace

std::vector<std::string> LocaleFallback(absl::string_view locale) {
  std::vector<std::string> chain;
  while (!locale.empty()) {
    chain.emplace_back(locale);
    const size_t dash = locale.rfind('-');
    locale = dash == absl::string_view::npos ? "" : locale.substr(0, dash);
  }
  if (chain.empty() || chain.back() != kDefaultLocale) chain.emplace_back(kDefaultLocale);
  return chain;
}

Renderer::Renderer(const std::map<std::string, std::string>& files, std::string shop_name)
    : shop_name_(std::move(shop_name)) {
  for (const auto& [file_name, content] : files) {
    if (file_name == "layout.mustache") {
      layout_ = content;
    } else {
      parts_.emplace(absl::StripSuffix(file_name, kExtension), Split(file_name, content));
    }
  }
  for (const MessageTemplate& message : MessageTemplates()) {
    if (parts_.count(absl::StrCat(message.name, ".", kDefaultLocale)) == 0)
      DieOfBadTemplate(message.name, "no English");
  }
}

Renderer::Parts Renderer::Split(const std::string& file_name, absl::string_view content) {
  const std::vector<absl::string_view> halves = absl::StrSplit(content, kHtmlMark);
  if (halves.size() != 2) DieOfBadTemplate(file_name, "needs one line --html--");
  const std::vector<absl::string_view> head = absl::StrSplit(halves[0], absl::MaxSplits("\n\n", 1));
  if (head.size() != 2 || !absl::StartsWith(head[0], kSubjectMark))
    DieOfBadTemplate(file_name, "has no subject");
  Parts parts{std::string(absl::StripPrefix(head[0], kSubjectMark)), absl::StrCat(head[1], "\n"),
              std::string(halves[1])};
  for (const std::string* part : {&parts.subject, &parts.text, &parts.html}) {
    const mustache::mustache parsed(*part);
    if (!parsed.is_valid()) DieOfBadTemplate(file_name, parsed.error_message());
  }
  return parts;
}

absl::StatusOr<RenderedMessage> Renderer::Render(const std::string& name, absl::string_view locale,
                                                 const json& variables) const {
  for (const std::string& candidate : LocaleFallback(locale)) {
    const auto found = parts_.find(absl::StrCat(name, ".", candidate));
    if (found == parts_.end()) continue;
    // A German text for Switzerland writes money the Swiss way; an English one for Turkey the English.
    const std::string written_in =
        LanguageOf(candidate) == LanguageOf(locale) ? std::string(locale) : candidate;
    ASSIGN_OR_RETURN(mustache::data values, ToMustache(variables, written_in));
    values.set("shop_name", shop_name_);
    ASSIGN_OR_RETURN(std::string subject, Fill(found->second.subject, values, Escape::kNone));
    ASSIGN_OR_RETURN(std::string text, Fill(found->second.text, values, Escape::kNone));
    ASSIGN_OR_RETURN(std::string content, Fill(found->second.html, values, Escape::kHtml));
    values.set("content", content);
    values.set("language", candidate);
    values.set("subject", subject);
    ASSIGN_OR_RETURN(std::string html, Fill(layout_, values, Escape::kHtml));
    if (text.size() + html.size() > kMaxMessageBytes) {
      return InvalidField("variables", "make a message of more than 256 KiB", "MESSAGE_TOO_LARGE");
    }
    return RenderedMessage{written_in, std::move(subject), std::move(text), std::move(html)};
  }
  return NotFound(absl::StrCat("templates/", name));
}

}  // namespace arasta::notification
