#include "services/arastactl/terminal.h"

#include <limits>
#include <sstream>

#include "gtest/gtest.h"

namespace arasta::ctl {
namespace {

TEST(PrintTableTest, AlignsColumnsByCodePoints) {
  std::ostringstream out;
  PrintTable(out, {"NAME", "N"}, {{"Käse", "1"}, {"Camembert", "22"}});
  EXPECT_EQ(out.str(), "  NAME       N\n  Käse       1\n  Camembert  22\n");
}

TEST(PrintTableTest, NeverLetsACellDriveTheTerminal) {
  std::ostringstream out;
  PrintTable(out, {"NAME"}, {{"a\x1b[2Jb\nc"}});
  EXPECT_EQ(out.str(), "  NAME\n  a [2Jb c\n");
}

TEST(PrintTableTest, PrintsNothingButUtf8AndNoLateControls) {
  std::ostringstream out;
  PrintTable(out, {"NAME", "N"},
             {{"caf\xe9", "1"},
              {"\xc2\x9b"
               "2J",
               "2"},
              {"Käse", "3"}});
  EXPECT_EQ(out.str(), "  NAME  N\n  caf\ufffd  1\n   2J   2\n  Käse  3\n");
}

TEST(WithThousandsTest, GroupsDigits) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(-123456), "-123,456");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
}

}  // namespace
}  // namespace arasta::ctl
