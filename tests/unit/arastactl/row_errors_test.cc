#include "services/arastactl/row_errors.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace arasta::ctl {
namespace {

using catalog::v1::ImportProductsResponse;
using catalog::v1::ImportRow;
using ::testing::ElementsAre;

// "FIELD: MESSAGE" of what the parser itself says about a line.
std::string Told(const std::string& line) {
  ImportRow row;
  const auto parsed = google::protobuf::util::JsonStringToMessage(line, &row);
  EXPECT_FALSE(parsed.ok()) << line;
  const auto error = NotARow(7, parsed.message().ToString());
  EXPECT_EQ(error.row_number(), 7);
  return absl::StrCat(error.field(), ": ", error.message());
}

TEST(RowErrorsTest, TellPeopleWhatIsWrongWithALine) {
  EXPECT_EQ(Told(R"({"title": "Tea")"),
            ": the line is not JSON: unexpected end of string. Expected , or } after key:value pair");
  EXPECT_EQ(Told("SKU;Title;Price"), ": the line is not JSON: unexpected token");
  EXPECT_EQ(Told("[1]"), ": the line must be one JSON object");
  EXPECT_EQ(Told(R"({"titel": "Tea"})"), "titel: rows have no such field");
  EXPECT_EQ(Told(R"({"title": 5})"), "title: must be text in quotes, not 5");
  EXPECT_EQ(Told(R"({"variants": [{"onHand": "many"}]})"),
            R"(variants[0].on_hand: must be a whole number, not "many")");
}

TEST(RowErrorsTest, StandInTheOrderOfTheFile) {
  ImportProductsResponse response;
  for (const auto& [line, field] :
       {std::pair(9, "a"), std::pair(2, "b"), std::pair(9, "c"), std::pair(1, "d")}) {
    auto* error = response.add_errors();
    error->set_row_number(line);
    error->set_field(field);
  }
  SortByLine(response);
  std::vector<std::string> fields;
  for (const auto& error : response.errors()) fields.push_back(error.field());
  EXPECT_THAT(fields, ElementsAre("d", "b", "a", "c"));
}

}  // namespace
}  // namespace arasta::ctl
