#include "services/catalog/product_proto.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/time_util.h"
#include "services/catalog/names.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

v1::Product::State ToProto(ProductState state) {
  switch (state) {
    case ProductState::kActive:
      return v1::Product::STATE_ACTIVE;
    case ProductState::kDraft:
      return v1::Product::STATE_DRAFT;
    case ProductState::kDeleted:
      return v1::Product::STATE_DELETED;
  }
  return v1::Product::STATE_UNSPECIFIED;
}

v1::Reservation::State ToProto(ReservationState state) {
  switch (state) {
    case ReservationState::kHeld:
      return v1::Reservation::STATE_HELD;
    case ReservationState::kCommitted:
      return v1::Reservation::STATE_COMMITTED;
    case ReservationState::kReleased:
      return v1::Reservation::STATE_RELEASED;
    case ReservationState::kExpired:
      return v1::Reservation::STATE_EXPIRED;
  }
  return v1::Reservation::STATE_UNSPECIFIED;
}

void WriteVariant(const Variant& variant, v1::Variant& to) {
  to.set_sku(variant.sku);
  to.set_title(variant.title);
  for (const OptionValue& value : variant.option_values) {
    v1::OptionValue& to_value = *to.add_option_values();
    to_value.set_option(value.option);
    to_value.set_value(value.value);
  }
  for (const Price& price : variant.prices) {
    v1::Price& to_price = *to.add_prices();
    to_price.set_channel(price.channel);
    *to_price.mutable_amount() = ToProto(price.amount);
    if (price.start_time > absl::InfinitePast())
      *to_price.mutable_start_time() = ToTimestamp(price.start_time);
    if (price.end_time < absl::InfiniteFuture()) *to_price.mutable_end_time() = ToTimestamp(price.end_time);
  }
  if (variant.price.has_value()) *to.mutable_price() = ToProto(*variant.price);
  to.set_available(variant.available);
}

Variant ReadVariant(const v1::Variant& from) {
  Variant variant;
  variant.sku = from.sku();
  variant.title = from.title();
  for (const v1::OptionValue& value : from.option_values()) {
    variant.option_values.push_back({value.option(), value.value()});
  }
  for (const v1::Price& from_price : from.prices()) {
    Price price;
    if (!from_price.channel().empty()) price.channel = from_price.channel();
    price.amount = {from_price.amount().currency_code(), from_price.amount().minor_units()};
    if (from_price.has_start_time())
      price.start_time = FromTimestamp(from_price.start_time(), absl::InfiniteFuture());
    if (from_price.has_end_time())
      price.end_time = FromTimestamp(from_price.end_time(), absl::InfinitePast());
    variant.prices.push_back(std::move(price));
  }
  return variant;
}

// The fields to write: those of the mask, or those set where there is none.
absl::StatusOr<std::set<std::string>> FieldsOf(const google::protobuf::Message& from,
                                               const google::protobuf::FieldMask& mask) {
  std::set<std::string> fields;
  if (mask.paths().empty()) {
    std::vector<const google::protobuf::FieldDescriptor*> set;
    from.GetReflection()->ListFields(from, &set);
    for (const google::protobuf::FieldDescriptor* field : set) fields.insert(field->name());
    return fields;
  }
  for (const std::string& path : mask.paths()) {
    if (from.GetDescriptor()->FindFieldByName(path) == nullptr) {
      return InvalidField("update_mask", absl::StrCat("names \"", Cut(path, 100),
                                                      "\", which is no field that can be updated by itself"));
    }
    fields.insert(path);
  }
  return fields;
}

}  // namespace

absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp, absl::Time otherwise) {
  if (timestamp.seconds() < TimeUtil::kTimestampMinSeconds ||
      timestamp.seconds() > TimeUtil::kTimestampMaxSeconds || timestamp.nanos() < 0 ||
      timestamp.nanos() > 999'999'999) {
    return otherwise;
  }
  return absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(timestamp));
}

type::v1::Money ToProto(const Money& money) {
  type::v1::Money to;
  to.set_currency_code(money.currency_code);
  to.set_minor_units(money.minor_units);
  return to;
}

v1::Product ToProto(const Product& product) {
  v1::Product to;
  to.set_name(ProductName(product.id));
  to.set_slug(product.slug);
  to.set_title(product.title);
  to.set_description(product.description);
  to.set_category(CategoryName(product.category_id));
  for (const Option& option : product.options) {
    v1::Option& to_option = *to.add_options();
    to_option.set_option(option.option);
    for (const std::string& value : option.values) to_option.add_values(value);
  }
  for (const Attribute& attribute : product.attributes) {
    v1::Attribute& to_attribute = *to.add_attributes();
    to_attribute.set_key(attribute.key);
    to_attribute.set_value(attribute.value);
  }
  for (const Media& media : product.media) {
    v1::Media& to_media = *to.add_media();
    to_media.set_uri(media.uri);
    to_media.set_alt_text(media.alt_text);
    to_media.set_content_type(media.content_type);
    to_media.set_width_px(media.width_px);
    to_media.set_height_px(media.height_px);
  }
  for (const Variant& variant : product.variants) WriteVariant(variant, *to.add_variants());
  to.set_state(ToProto(product.state));
  *to.mutable_create_time() = ToTimestamp(product.create_time);
  *to.mutable_update_time() = ToTimestamp(product.update_time);
  if (product.delete_time.has_value()) *to.mutable_delete_time() = ToTimestamp(*product.delete_time);
  to.set_etag(EtagOf(product.version));
  to.set_version(product.version);
  to.set_variant_count(product.variant_count);
  return to;
}

v1::Category ToProto(const Category& category) {
  v1::Category to;
  to.set_name(CategoryName(category.id));
  to.set_title(category.title);
  to.set_parent(CategoryName(category.parent_id));
  to.set_position(category.position);
  *to.mutable_create_time() = ToTimestamp(category.create_time);
  *to.mutable_update_time() = ToTimestamp(category.update_time);
  to.set_etag(EtagOf(category.version));
  return to;
}

v1::Stock ToProto(const Stock& stock) {
  v1::Stock to;
  to.set_name(StockName(stock.sku));
  to.set_sku(stock.sku);
  to.set_on_hand(stock.on_hand);
  to.set_reserved(stock.reserved);
  to.set_available(stock.available());
  *to.mutable_update_time() = ToTimestamp(stock.update_time);
  return to;
}

v1::Reservation ToProto(const Reservation& reservation) {
  v1::Reservation to;
  to.set_order(OrderName(reservation.key.order));
  to.set_generation(reservation.key.generation);
  to.set_state(ToProto(reservation.state));
  for (const ReservationLine& line : reservation.lines) {
    v1::ReservationLine& to_line = *to.add_lines();
    to_line.set_sku(line.sku);
    to_line.set_quantity(line.quantity);
  }
  *to.mutable_expire_time() = ToTimestamp(reservation.expire_time);
  *to.mutable_create_time() = ToTimestamp(reservation.create_time);
  *to.mutable_update_time() = ToTimestamp(reservation.update_time);
  return to;
}

namespace {

absl::Status ApplyState(v1::Product::State from, Product& product) {
  if (from == v1::Product::STATE_DELETED)
    return InvalidField("product.state", "is set by DeleteProduct alone");
  product.state = from == v1::Product::STATE_DRAFT ? ProductState::kDraft : ProductState::kActive;
  return absl::OkStatus();
}

}  // namespace

absl::Status Apply(const v1::Product& from, const google::protobuf::FieldMask& mask, Product& product) {
  ASSIGN_OR_RETURN(const std::set<std::string> fields, FieldsOf(from, mask));
  auto wanted = [&](const char* field) { return fields.contains(field); };
  // An empty slug means "made from the title" on creation; a product never loses the one it has.
  if (wanted("slug") && !from.slug().empty()) product.slug = from.slug();
  if (wanted("title")) product.title = from.title();
  if (wanted("description")) product.description = from.description();
  if (wanted("category")) {
    ASSIGN_OR_RETURN(product.category_id, ParseCategoryName(from.category(), "product.category"));
  }
  if (wanted("options")) {
    product.options.clear();
    for (const v1::Option& option : from.options()) {
      product.options.push_back({option.option(), {option.values().begin(), option.values().end()}});
    }
  }
  if (wanted("variants")) {
    product.variants.clear();
    for (const v1::Variant& variant : from.variants()) product.variants.push_back(ReadVariant(variant));
  }
  if (wanted("attributes")) {
    product.attributes.clear();
    for (const v1::Attribute& a : from.attributes()) product.attributes.push_back({a.key(), a.value()});
  }
  if (wanted("media")) {
    product.media.clear();
    for (const v1::Media& media : from.media()) {
      product.media.push_back(
          {media.uri(), media.alt_text(), media.content_type(), media.width_px(), media.height_px()});
    }
  }
  return wanted("state") ? ApplyState(from.state(), product) : absl::OkStatus();
}

absl::Status Apply(const v1::Category& from, const google::protobuf::FieldMask& mask, Category& category) {
  ASSIGN_OR_RETURN(const std::set<std::string> fields, FieldsOf(from, mask));
  if (fields.contains("title")) category.title = from.title();
  if (fields.contains("position")) category.position = from.position();
  if (fields.contains("parent")) {
    ASSIGN_OR_RETURN(category.parent_id, ParseCategoryName(from.parent(), "category.parent"));
  }
  return absl::OkStatus();
}

}  // namespace arasta::catalog
