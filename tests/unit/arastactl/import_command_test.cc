#include "gtest/gtest.h"
#include "services/arastactl/commands.h"

namespace arasta::ctl {
namespace {

TEST(ImportTest, WhatCannotBeReadIsAMistakeOfUseBeforeAnythingIsCalled) {
  ShopClient nowhere("127.0.0.1:1", "");
  Arguments arguments;
  arguments.email = "admin@arasta.example";
  for (const auto& [file, password_file] :
       {std::pair("/missing", "/proc/self/status"), std::pair("/proc/self/exe", "/missing"),
        std::pair("/proc/self/exe", "/")}) {
    arguments.file = file;
    arguments.password_file = password_file;
    EXPECT_EQ(Import(arguments, nowhere), kUsageError) << file << " " << password_file;
  }
}

}  // namespace
}  // namespace arasta::ctl
