#include "common/rpc/status.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

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

// HTTP/2 knows no field that begins or ends with a space: the answer would never arrive.
TEST(StatusTest, HasItsDetailsInTheSameOrderEveryTime) {
  const auto details = [] { return ToGrpc(InvalidField("sku", "must not be empty")).error_details(); };
  const std::string first = details();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(details(), first);
}

TEST(StatusTest, HasNoSpaceAtItsEnds) {
  EXPECT_EQ(ToGrpc(Error(absl::StatusCode::kNotFound, "NOT_FOUND", " was not found\n")).error_message(),
            "was not found");
}

TEST(StatusTest, NeverTellsTheCauseOfABug) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kInternal, absl::StatusCode::kUnknown, absl::StatusCode::kDataLoss}) {
    const grpc::Status wire = ToGrpc(Error(code, "BUG", "column \"password\" does not exist"));
    EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(wire.error_message(), "internal error");
    EXPECT_EQ(ReasonOf(FromGrpc(wire)), "INTERNAL");
    EXPECT_EQ(wire.error_details().find("password"), std::string::npos);
  }
}

TEST(StatusTest, LeavesWithAReasonWhoeverForgotToGiveOne) {
  const grpc::Status wire = ToGrpc(absl::DeadlineExceededError("too late"));
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(wire.error_message(), "too late");
  EXPECT_EQ(ReasonOf(FromGrpc(wire)), "DEADLINE_EXCEEDED");
}

TEST(StatusTest, OfAPeerIsItsOwnWhereItGaveAReason) {
  const absl::Status status = InvalidField("lines[0].quantity", "must be at least 1");
  EXPECT_EQ(FromPeer(ToGrpc(status), "catalog"), status);
}

TEST(StatusTest, OfGrpcNamesThePeerAndNoAddress) {
  for (const auto& [code, becomes, reason] :
       {std::tuple(grpc::StatusCode::UNAVAILABLE, absl::StatusCode::kUnavailable, "PEER_UNAVAILABLE"),
        std::tuple(grpc::StatusCode::UNKNOWN, absl::StatusCode::kUnavailable, "PEER_UNAVAILABLE"),
        std::tuple(grpc::StatusCode::CANCELLED, absl::StatusCode::kUnavailable, "PEER_UNAVAILABLE"),
        std::tuple(grpc::StatusCode::DEADLINE_EXCEEDED, absl::StatusCode::kDeadlineExceeded,
                   "DEADLINE_EXCEEDED"),
        std::tuple(grpc::StatusCode::UNIMPLEMENTED, absl::StatusCode::kUnimplemented, "PEER_ERROR")}) {
    const absl::Status status =
        FromPeer(grpc::Status(code, "Failed to connect to 127.0.0.1:19002"), "catalog");
    EXPECT_EQ(status.code(), becomes);
    EXPECT_EQ(ReasonOf(status), reason);
    EXPECT_EQ(MetadataOf(status, "service"), "catalog");
    EXPECT_EQ(status.message().find("127.0.0.1"), absl::string_view::npos) << status;
  }
}

TEST(StatusTest, SurvivesGarbledDetails) {
  const absl::Status status = FromGrpc(grpc::Status(grpc::StatusCode::NOT_FOUND, "gone", "\xff\xff"));
  EXPECT_EQ(status, absl::NotFoundError("gone"));
}

}  // namespace
}  // namespace arasta::rpc
