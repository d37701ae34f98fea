#include "services/order/order_id.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/hash.h"

namespace arasta::order {
namespace {

constexpr absl::string_view kCollection = "orders/";
constexpr int kCustomerBytes = 6;

}  // namespace

int16_t ShardOfCustomer(absl::string_view customer) {
  return Sha256(customer)[0] % kShards;
}

OrderId OrderId::Derive(absl::string_view customer, const Uuid& request_id) {
  const auto customer_hash = Sha256(customer);
  const auto request_hash = Sha256(absl::StrCat(customer, "\n", request_id.ToString()));
  Uuid::Bytes bytes;
  std::copy_n(request_hash.begin(), bytes.size(), bytes.begin());
  std::copy_n(customer_hash.begin(), kCustomerBytes, bytes.begin());
  return OrderId(Uuid::V8(bytes));
}

absl::StatusOr<OrderId> OrderId::FromName(absl::string_view name, absl::string_view field) {
  absl::string_view id = name;
  if (absl::ConsumePrefix(&id, kCollection)) {
    if (absl::optional<Uuid> uuid = Uuid::Parse(id)) return OrderId(*uuid);
  }
  return InvalidField(field, "must be orders/{uuid}");
}

int16_t OrderId::shard() const {
  return uuid_.bytes()[0] % kShards;
}

std::string OrderId::ToName() const {
  return absl::StrCat(kCollection, uuid_.ToString());
}

}  // namespace arasta::order
