#include "common/rpc/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arasta/testing/v1/echo_service.pb.h"

namespace arasta::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedactTest, LeavesOutSensitiveFieldsAtEveryDepth) {
  testing::v1::Form form;
  form.set_name("tea");
  form.set_password("hunter2");
  form.mutable_main_line()->set_note("for-my-wife");
  form.add_lines()->set_note("for-my-mother");
  form.mutable_lines(0)->set_sku("green");
  const std::string text = Redacted(form);
  EXPECT_THAT(text, HasSubstr("tea"));
  EXPECT_THAT(text, HasSubstr("green"));
  for (const char* secret : {"hunter2", "wife", "mother"}) EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST(RedactTest, CutsLongMessages) {
  testing::v1::Form form;
  form.set_name(std::string(5000, 'x'));
  EXPECT_EQ(Redacted(form).size(), 2000u);
}

}  // namespace
}  // namespace arasta::rpc
