// Rows of a bulk import as operators write them: the file, a line of JSON each.
#include "services/catalog/import_row.h"

#include <sstream>
#include <string>

#include "google/protobuf/util/json_util.h"
#include "services/arastactl/row_file.h"
#include "services/catalog/product_json.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

void ReadFile(const std::string& text) {
  std::istringstream in(text);
  ctl::RowFile file(in);
  catalog::v1::ImportProductsResponse report;
  for (int64_t rows = 1; file.Next(); ++rows) report.set_row_count(rows);
  Require(!file.failed() && file.bytes_read() == static_cast<int64_t>(text.size()), "all of a file is read");
  Require(file.rows_read() == report.row_count(), "every row is counted");
  report = file.ReportOnFile(report);
  Require(report.row_count() == file.rows_read() + report.error_count(), "a line is a row or an error");
  Require(report.row_count() <= file.lines_read(), "or blank");
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  catalog::v1::ImportRow row;
  const std::string json(input.rest());
  fuzz::ReadFile(json);
  if (!google::protobuf::util::JsonStringToMessage(json, &row).ok() && !row.ParseFromString(json)) return 0;
  const auto read = catalog::ReadImportRow(row, shop::Channels());
  if (!absl::holds_alternative<catalog::ImportedRow>(read)) return 0;
  const auto& imported = absl::get<catalog::ImportedRow>(read);
  fuzz::Require(imported.hash.size() == 64, "a row has a hash");
  fuzz::Require(!imported.product.title.empty(), "a product has a title");
  (void)catalog::ProductJson(imported.product).dump();
  return 0;
}
