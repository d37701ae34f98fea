#include "common/base/status_macros.h"

#include <memory>

#include "gtest/gtest.h"

namespace arasta {
namespace {

absl::StatusOr<std::unique_ptr<int>> Box(int value) {
  if (value < 0) return absl::InvalidArgumentError("negative");
  return std::make_unique<int>(value);
}

absl::Status Check(int value) {
  RETURN_IF_ERROR(Box(value).status());
  return absl::OkStatus();
}

absl::StatusOr<int> Sum(int a, int b) {
  RETURN_IF_ERROR(Check(a));
  ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Box(a));
  ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Box(b));
  return *first + *second;
}

TEST(StatusMacrosTest, HandOnTheValue) {
  EXPECT_EQ(*Sum(2, 3), 5);
}

TEST(StatusMacrosTest, ReturnTheFirstError) {
  EXPECT_EQ(Sum(-1, 3).status(), absl::InvalidArgumentError("negative"));
  EXPECT_EQ(Sum(1, -3).status(), absl::InvalidArgumentError("negative"));
}

}  // namespace
}  // namespace arasta
