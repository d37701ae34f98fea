#include "common/base/errors.h"

#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"

namespace arasta {
namespace {

template <typename Detail>
Detail Read(const absl::Status& status, const std::string& type) {
  Detail detail;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc." + type);
  EXPECT_TRUE(payload.has_value()) << type;
  EXPECT_TRUE(detail.ParseFromString(std::string(payload.value_or(absl::Cord()))));
  return detail;
}

TEST(ErrorsTest, CarriesReasonDomainAndMetadata) {
  const absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, "OUT_OF_STOCK", "tea is sold out", {{"sku", "tea"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "tea is sold out");
  const auto info = Read<google::rpc::ErrorInfo>(status, "ErrorInfo");
  EXPECT_EQ(info.reason(), "OUT_OF_STOCK");
  EXPECT_EQ(info.domain(), "arasta");
  EXPECT_EQ(info.metadata().at("sku"), "tea");
}

TEST(ErrorsTest, InvalidFieldNamesTheField) {
  const absl::Status status = InvalidField("lines[0].quantity", "must be at least 1");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  const auto bad = Read<google::rpc::BadRequest>(status, "BadRequest");
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "lines[0].quantity");
  EXPECT_EQ(bad.field_violations(0).description(), "must be at least 1");
}

TEST(ErrorsTest, WithFieldNamesItAndKeepsTheRestOfTheError) {
  const absl::Status full = Error(absl::StatusCode::kResourceExhausted, "CART_FULL", "at most 999");
  const absl::Status status = WithField(full, "quantity", full.message());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "CART_FULL");
  const auto bad = Read<google::rpc::BadRequest>(status, "BadRequest");
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "quantity");
  EXPECT_EQ(bad.field_violations(0).description(), "at most 999");
}

TEST(ErrorsTest, NotFoundNamesTheResource) {
  const absl::Status status = NotFound("products/tea");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "products/tea was not found");
}

TEST(ErrorsTest, RetryAfterKeepsTheRestOfTheError) {
  const absl::Status busy = Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "busy");
  const absl::Status status = WithRetryAfter(busy, absl::Milliseconds(1500));
  EXPECT_EQ(RetryAfterOf(status), absl::Milliseconds(1500));
  EXPECT_EQ(ReasonOf(status), "QUEUE_FULL");
}

TEST(ErrorsTest, ReasonAndDelayAreEmptyForAForeignStatus) {
  absl::Status status = absl::InternalError("plain");
  EXPECT_EQ(ReasonOf(status), "");
  EXPECT_EQ(RetryAfterOf(status), absl::ZeroDuration());
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord("\xff\xff garbage"));
  EXPECT_EQ(ReasonOf(status), "");
}

}  // namespace
}  // namespace arasta
