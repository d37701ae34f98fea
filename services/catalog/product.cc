#include "services/catalog/product.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

using Violated = absl::optional<Violation>;

constexpr char kNoTime[] = "must be a time of the years 1 to 9999";

Violated Refuse(absl::string_view field, absl::string_view reason, absl::string_view message) {
  return Violation{std::string(field), std::string(reason), std::string(message)};
}

std::string At(absl::string_view list, size_t index, absl::string_view field) {
  return absl::StrCat(list, "[", index, "]", field.empty() ? "" : ".", field);
}

Violated CheckText(absl::string_view field, absl::string_view text, size_t max_length, bool required) {
  if (required && absl::StripAsciiWhitespace(text).empty())
    return Refuse(field, "REQUIRED", "must not be empty");
  if (LengthOf(text) > max_length) {
    return Refuse(field, "TOO_LONG", absl::StrCat("must not be longer than ", max_length, " characters"));
  }
  if (!IsPrintable(text)) return Refuse(field, "CONTROL_CHARACTER", "must not contain control characters");
  return absl::nullopt;
}

Violated CheckPrices(const std::vector<Price>& prices, const shop::Channels& channels,
                     absl::string_view list) {
  absl::flat_hash_set<std::pair<absl::string_view, absl::Time>> starts;
  for (size_t i = 0; i < prices.size(); ++i) {
    const Price& price = prices[i];
    auto channel = channels.find(price.channel);
    if (channel == channels.end()) {
      return Refuse(At(list, i, "channel"), "UNKNOWN_CHANNEL", "is not a channel of the shop");
    }
    if (price.amount.currency_code != channel->second) {
      return Refuse(
          At(list, i, "amount.currency_code"), "WRONG_CURRENCY",
          absl::StrCat("must be ", channel->second, ", as the channel ", channel->first, " sells in it"));
    }
    if (price.amount.minor_units < 0 || price.amount.minor_units > kMostMinorUnits) {
      return Refuse(At(list, i, "amount.minor_units"), "OUT_OF_RANGE",
                    absl::StrCat("must be from 0 to ", kMostMinorUnits));
    }
    if (price.start_time == absl::InfiniteFuture()) {
      return Refuse(At(list, i, "start_time"), "OUT_OF_RANGE", kNoTime);
    }
    if (price.end_time == absl::InfinitePast()) {
      return Refuse(At(list, i, "end_time"), "OUT_OF_RANGE", kNoTime);
    }
    if (price.start_time >= price.end_time) {
      return Refuse(At(list, i, "end_time"), "OUT_OF_RANGE", "must be after start_time");
    }
    if (!starts.emplace(price.channel, price.start_time).second) {
      return Refuse(At(list, i, "start_time"), "DUPLICATE",
                    "another price of the channel begins at the same time");
    }
  }
  return absl::nullopt;
}

// Whether the variant has one of the allowed values for each option, and nothing else.
Violated CheckOptionValues(const Product& product, const Variant& variant, absl::string_view list) {
  for (size_t i = 0; i < variant.option_values.size(); ++i) {
    const OptionValue& chosen = variant.option_values[i];
    auto option = std::find_if(product.options.begin(), product.options.end(),
                               [&](const Option& o) { return o.option == chosen.option; });
    if (option == product.options.end()) {
      return Refuse(At(list, i, "option"), "UNKNOWN_OPTION", "is not an option of the product");
    }
    if (std::find(option->values.begin(), option->values.end(), chosen.value) == option->values.end()) {
      return Refuse(At(list, i, "value"), "UNKNOWN_VALUE", "is not a value of the option");
    }
  }
  if (variant.option_values.size() != product.options.size()) {
    return Refuse(list, "INCOMPLETE", "must hold one value for each option of the product");
  }
  return absl::nullopt;
}

Violated CheckVariants(const Product& product, const shop::Channels& channels) {
  if (product.variants.empty()) return Refuse("variants", "REQUIRED", "must hold at least one variant");
  absl::flat_hash_set<absl::string_view> skus;
  for (size_t i = 0; i < product.variants.size(); ++i) {
    const Variant& variant = product.variants[i];
    if (variant.sku.empty()) return Refuse(At("variants", i, "sku"), "REQUIRED", "must not be empty");
    if (!IsSku(variant.sku)) {
      return Refuse(At("variants", i, "sku"), "INVALID", "must be up to 100 letters, digits and ._+~:-");
    }
    if (!skus.insert(variant.sku).second) {
      return Refuse(At("variants", i, "sku"), "DUPLICATE", "occurs twice in the product");
    }
    if (Violated v = CheckText(At("variants", i, "title"), variant.title, 200, false)) return v;
    if (Violated v = CheckOptionValues(product, variant, At("variants", i, "option_values"))) return v;
    if (Violated v = CheckPrices(variant.prices, channels, At("variants", i, "prices"))) return v;
  }
  return absl::nullopt;
}

Violated CheckOptions(const std::vector<Option>& options) {
  absl::flat_hash_set<absl::string_view> names;
  for (size_t i = 0; i < options.size(); ++i) {
    if (Violated v = CheckText(At("options", i, "option"), options[i].option, 60, true)) return v;
    if (!names.insert(options[i].option).second) {
      return Refuse(At("options", i, "option"), "DUPLICATE", "occurs twice in the product");
    }
    for (const std::string& value : options[i].values) {
      if (Violated v = CheckText(At("options", i, "values"), value, 100, true)) return v;
    }
  }
  return absl::nullopt;
}

Violated CheckAttributes(const std::vector<Attribute>& attributes) {
  absl::flat_hash_set<absl::string_view> keys;
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (Violated v = CheckText(At("attributes", i, "key"), attributes[i].key, 60, true)) return v;
    if (Violated v = CheckText(At("attributes", i, "value"), attributes[i].value, 500, true)) return v;
    if (!keys.insert(attributes[i].key).second) {
      return Refuse(At("attributes", i, "key"), "DUPLICATE", "occurs twice in the product");
    }
  }
  return absl::nullopt;
}

Violated CheckMedia(const std::vector<Media>& media) {
  for (size_t i = 0; i < media.size(); ++i) {
    if (Violated v = CheckText(At("media", i, "uri"), media[i].uri, 2000, true)) return v;
    if (!IsWebAddress(media[i].uri)) {
      return Refuse(At("media", i, "uri"), "INVALID", "must be an http or https address with a host");
    }
    if (Violated v = CheckText(At("media", i, "alt_text"), media[i].alt_text, 500, false)) return v;
    if (Violated v = CheckText(At("media", i, "content_type"), media[i].content_type, 100, false)) return v;
  }
  return absl::nullopt;
}

}  // namespace

std::string EtagOf(int64_t version) {
  return absl::StrCat("v", version);
}

absl::Status CheckEtag(absl::string_view etag, int64_t version) {
  if (etag.empty() || etag == EtagOf(version)) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
               "the resource has changed since it was read; read it again and retry");
}

absl::optional<Violation> FindViolation(const Product& product, const shop::Channels& channels) {
  if (Violated v = CheckText("title", product.title, 300, true)) return v;
  if (Violated v = CheckText("description", product.description, 20000, false)) return v;
  if (!product.slug.empty() && !IsSlug(product.slug)) {
    return Refuse("slug", "INVALID", "must be lower-case letters, digits and single dashes");
  }
  if (Uuid::Parse(product.slug).has_value()) return Refuse("slug", "INVALID", "must not look like an id");
  if (Violated v = CheckOptions(product.options)) return v;
  if (Violated v = CheckAttributes(product.attributes)) return v;
  if (Violated v = CheckMedia(product.media)) return v;
  return CheckVariants(product, channels);
}

}  // namespace arasta::catalog
