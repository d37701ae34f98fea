// Products between the shop's terms and the wire's.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "arasta/catalog/v1/category.pb.h"
#include "arasta/catalog/v1/product.pb.h"
#include "arasta/catalog/v1/stock.pb.h"
#include "arasta/type/v1/money.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/catalog/category.h"
#include "services/catalog/product.h"
#include "services/catalog/stock.h"

namespace arasta::catalog {

// `otherwise` where the timestamp is none: not of the years 1 to 9999, or its nanos no part of a second.
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp, absl::Time otherwise);

type::v1::Money ToProto(const Money& money);
v1::Product ToProto(const Product& product);
v1::Category ToProto(const Category& category);
v1::Stock ToProto(const Stock& stock);
v1::Reservation ToProto(const Reservation& reservation);

// Writes the fields that `mask` names from the wire's product into ours; without a mask, those that are
// set. Does not check them (FindViolation). INVALID_ARGUMENT: the mask names no such field, or the state
// can't be set.
absl::Status Apply(const v1::Product& from, const google::protobuf::FieldMask& mask, Product& product);
absl::Status Apply(const v1::Category& from, const google::protobuf::FieldMask& mask, Category& category);

}  // namespace arasta::catalog
