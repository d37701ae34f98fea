#include "services/catalog/import_row.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/rpc/validate.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/catalog/product_proto.h"
#include "services/catalog/stock.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

constexpr int kDeepestPath = 8;

std::string CategoryId(const std::vector<std::string>& titles) {
  const std::string joined = absl::StrJoin(titles, " ");
  const std::string id = Slugify(joined);
  return LengthOf(joined) > kSlugLength ? UniqueSlug(id, joined) : id;
}

absl::optional<Violation> ReadCategories(const v1::ImportRow& row, ImportedRow& read) {
  if (row.category_path_size() > kDeepestPath) {
    return Violation{"category_path", "TOO_MANY", absl::StrCat("must not be deeper than ", kDeepestPath)};
  }
  std::vector<std::string> titles;
  std::string parent;
  for (const std::string& title : row.category_path()) {
    titles.push_back(title);
    Category category;
    category.id = CategoryId(titles);
    category.title = title;
    category.parent_id = parent;
    const std::string field = absl::StrCat("category_path[", titles.size() - 1, "]");
    if (Slugify(title).empty()) return Violation{field, "INVALID", "must contain letters or digits"};
    if (absl::optional<Violation> breach = FindBreach(ToProto(category))) {
      return Violation{field, breach->reason, breach->message};
    }
    parent = category.id;
    read.categories.push_back(std::move(category));
  }
  read.product.category_id = parent;
  return absl::nullopt;
}

Price ReadPrice(const v1::ImportPrice& row) {
  Price price;
  if (!row.channel().empty()) price.channel = row.channel();
  price.amount = {row.currency_code(), row.minor_units()};
  if (row.has_start_time()) price.start_time = FromTimestamp(row.start_time(), absl::InfiniteFuture());
  if (row.has_end_time()) price.end_time = FromTimestamp(row.end_time(), absl::InfinitePast());
  return price;
}

// In the order of the product's options; values of options that it lacks come last and are refused by
// FindViolation.
std::vector<OptionValue> ReadOptionValues(const v1::ImportVariant& row, const std::vector<Option>& options) {
  std::map<std::string, std::string> rest(row.option_values().begin(), row.option_values().end());
  std::vector<OptionValue> values;
  for (const Option& option : options) {
    auto value = rest.find(option.option);
    if (value == rest.end()) continue;
    values.push_back({option.option, value->second});
    rest.erase(value);
  }
  for (const auto& [option, value] : rest) values.push_back({option, value});
  return values;
}

void AddOptionValues(const Variant& variant, std::vector<Option>& options) {
  for (const OptionValue& chosen : variant.option_values) {
    for (Option& option : options) {
      if (option.option != chosen.option) continue;
      if (std::find(option.values.begin(), option.values.end(), chosen.value) == option.values.end()) {
        option.values.push_back(chosen.value);
      }
    }
  }
}

std::string TitleFromOptions(const Variant& variant) {
  return absl::StrJoin(variant.option_values, " / ",
                       [](std::string* out, const OptionValue& value) { out->append(value.value); });
}

absl::optional<Violation> ReadVariants(const v1::ImportRow& row, ImportedRow& read) {
  for (int i = 0; i < row.variants_size(); ++i) {
    const v1::ImportVariant& from = row.variants(i);
    Variant variant;
    variant.sku = from.sku();
    variant.option_values = ReadOptionValues(from, read.product.options);
    variant.title = from.title().empty() ? TitleFromOptions(variant) : from.title();
    for (const v1::ImportPrice& price : from.prices()) variant.prices.push_back(ReadPrice(price));
    AddOptionValues(variant, read.product.options);
    if (from.has_on_hand()) {
      if (from.on_hand() < 0 || from.on_hand() > kMostOnHand) {
        return Violation{absl::StrCat("variants[", i, "].on_hand"), "OUT_OF_RANGE",
                         absl::StrCat("must be from 0 to ", kMostOnHand)};
      }
      read.on_hand[from.sku()] = from.on_hand();
    }
    read.product.variants.push_back(std::move(variant));
  }
  return absl::nullopt;
}

std::string HashOf(v1::ImportRow row) {
  for (v1::ImportVariant& variant : *row.mutable_variants()) variant.clear_on_hand();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    row.SerializeToCodedStream(&coded);
  }
  const std::array<uint8_t, 32> digest = Sha256(bytes);
  return absl::BytesToHexString(std::string(digest.begin(), digest.end()));
}

// The rules speak of Product; in a row, money is flat and maps have no index.
Violation InTermsOfRow(Violation violation) {
  violation.field = absl::StrReplaceAll(violation.field, {{".amount", ""}});
  if (absl::StartsWith(violation.field, "attributes[")) violation.field = "attributes";
  const size_t values = violation.field.find("option_values");
  if (values != std::string::npos) violation.field.resize(values + sizeof("option_values") - 1);
  return violation;
}

}  // namespace

absl::optional<Violation> FindBreach(const google::protobuf::Message& message) {
  const absl::Status status = rpc::Validate(message);
  if (status.ok()) return absl::nullopt;
  const std::string field = MetadataOf(status, "field");
  const std::string description(absl::StripPrefix(status.message(), absl::StrCat(field, ": ")));
  return Violation{field, "INVALID", description};
}

absl::variant<ImportedRow, Violation> ReadImportRow(const v1::ImportRow& row,
                                                    const shop::Channels& channels) {
  ImportedRow read;
  read.product.slug = row.slug();
  read.product.title = row.title();
  read.product.description = row.description();
  for (const auto& [key, value] : std::map(row.attributes().begin(), row.attributes().end())) {
    read.product.attributes.push_back({key, value});
  }
  for (const std::string& option : row.options()) read.product.options.push_back({option, {}});
  for (const v1::ImportMedia& media : row.media()) {
    read.product.media.push_back({media.uri(), media.alt_text(), media.content_type()});
  }
  if (absl::optional<Violation> violation = ReadCategories(row, read)) return *violation;
  if (absl::optional<Violation> violation = ReadVariants(row, read)) return *violation;
  if (absl::optional<Violation> violation = FindViolation(read.product, channels))
    return InTermsOfRow(*violation);
  if (absl::optional<Violation> breach = FindBreach(ToProto(read.product))) return InTermsOfRow(*breach);
  read.hash = HashOf(row);
  return read;
}

}  // namespace arasta::catalog
