#include "common/rpc/status.h"

#include <gtest/gtest.h>

#include "common/base/errors.h"

namespace arasta::rpc {
namespace {

TEST(StatusTest, KeepsCodeMessageAndDetailsOverTheWire) {
  const absl::Status status =
      WithRetryAfter(InvalidField("lines[0].quantity", "must be at least 1"), absl::Seconds(2));
  const absl::Status arrived = FromGrpc(ToGrpc(status));
  EXPECT_EQ(arrived, status);
  EXPECT_EQ(ReasonOf(arrived), "INVALID_FIELD");
  EXPECT_EQ(RetryAfterOf(arrived), absl::Seconds(2));
}

TEST(StatusTest, NeverTellsTheCauseOfABug) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kInternal, absl::StatusCode::kUnknown, absl::StatusCode::kDataLoss}) {
    const grpc::Status wire = ToGrpc(Error(code, "BUG", "column \"password\" does not exist"));
    EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(wire.error_message(), "internal error");
    EXPECT_EQ(wire.error_details(), "");
  }
}

TEST(StatusTest, SurvivesGarbledDetails) {
  const absl::Status status = FromGrpc(grpc::Status(grpc::StatusCode::NOT_FOUND, "gone", "\xff\xff"));
  EXPECT_EQ(status, absl::NotFoundError("gone"));
}

}  // namespace
}  // namespace arasta::rpc
