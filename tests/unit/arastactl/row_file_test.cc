#include "services/arastactl/row_file.h"

#include <fstream>
#include <sstream>

#include "gmock/gmock.h"

namespace arasta::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// Reads to the end; returns the titles of the rows.
std::vector<std::string> TitlesOf(RowFile& file) {
  std::vector<std::string> titles;
  while (absl::optional<catalog::v1::ImportRow> row = file.Next()) titles.push_back(row->title());
  return titles;
}

std::vector<std::pair<int64_t, std::string>> ErrorsOf(const catalog::v1::ImportProductsResponse& report) {
  std::vector<std::pair<int64_t, std::string>> errors;
  for (const auto& error : report.errors()) errors.emplace_back(error.row_number(), error.reason());
  return errors;
}

TEST(RowFileTest, GivesARowALineAndSkipsBlankOnes) {
  std::istringstream in("{\"title\": \"A\"}\n\n  \r\n{\"title\": \"B\"}");
  RowFile file(in);
  EXPECT_THAT(TitlesOf(file), ElementsAre("A", "B"));
  EXPECT_FALSE(file.failed());
  EXPECT_EQ(file.lines_read(), 4);
}

TEST(RowFileTest, ReportsInTheOrderOfLinesWhoeverFoundTheError) {
  std::istringstream in("{\"title\": \"A\"}\n{oops}\n\n{\"title\": \"caf\xe9\"}\n{\"title\": \"B\"}\n[]\n");
  RowFile file(in);
  EXPECT_THAT(TitlesOf(file), ElementsAre("A", "B"));
  catalog::v1::ImportProductsResponse on_rows;
  on_rows.set_row_count(2);
  on_rows.set_error_count(2);
  for (const int row : {1, 2}) {
    on_rows.add_errors()->set_row_number(row);
    on_rows.mutable_errors(row - 1)->set_reason("REQUIRED");
  }
  const auto report = file.ReportOnFile(on_rows);
  EXPECT_THAT(ErrorsOf(report),
              ElementsAre(Pair(1, "REQUIRED"), Pair(2, "INVALID_JSON"), Pair(4, "INVALID_TEXT"),
                          Pair(5, "REQUIRED"), Pair(6, "INVALID_JSON")));
  EXPECT_EQ(report.row_count(), 5);
  EXPECT_EQ(report.error_count(), 5);
  EXPECT_THAT(report.errors(1).message(), ::testing::Not(::testing::HasSubstr("\n")));
}

TEST(RowFileTest, TakesAByteOrderMarkAtTheBeginning) {
  std::istringstream in("\xef\xbb\xbf{\"title\": \"A\"}\n\xef\xbb\xbf{\"title\": \"B\"}\n");
  RowFile file(in);
  EXPECT_THAT(TitlesOf(file), ElementsAre("A"));
  EXPECT_THAT(ErrorsOf(file.ReportOnFile({})), ElementsAre(Pair(2, "INVALID_JSON")));
}

TEST(RowFileTest, ReportsALineThatIsTooLongAndGoesOn) {
  const std::string row = "{\"title\": \"A\"}";
  const std::string longest = row + std::string(kMostLineBytes - row.size(), ' ');
  const std::string content =
      longest + "\n" + longest + " \n" + row + "\n" + longest + std::string(9 << 20, ' ');
  std::istringstream in(content);
  RowFile file(in);
  EXPECT_THAT(TitlesOf(file), ElementsAre("A", "A"));
  EXPECT_FALSE(file.failed());
  EXPECT_EQ(file.bytes_read(), static_cast<int64_t>(content.size()));
  EXPECT_THAT(ErrorsOf(file.ReportOnFile({})), ElementsAre(Pair(2, "TOO_LONG"), Pair(4, "TOO_LONG")));
}

TEST(RowFileTest, KeepsABoundedListOfErrorsButCountsThemAll) {
  std::stringstream in;
  for (int i = 0; i < 1500; ++i) in << "oops\n";
  RowFile file(in);
  EXPECT_THAT(TitlesOf(file), ElementsAre());
  const auto report = file.ReportOnFile({});
  EXPECT_EQ(report.errors_size(), 1000);
  EXPECT_EQ(report.error_count(), 1500);
}

TEST(RowFileTest, TellsAFailureFromTheEnd) {
  std::ifstream directory("/");
  RowFile file(directory);
  EXPECT_THAT(TitlesOf(file), ElementsAre());
  EXPECT_TRUE(file.failed());
}

}  // namespace
}  // namespace arasta::ctl
