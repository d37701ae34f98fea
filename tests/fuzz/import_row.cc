// Rows of a bulk import as operators write them: a line of JSON each.
#include "services/catalog/import_row.h"

#include <string>

#include "google/protobuf/util/json_util.h"
#include "services/catalog/product_json.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  catalog::v1::ImportRow row;
  const std::string json(input.rest());
  if (!google::protobuf::util::JsonStringToMessage(json, &row).ok() && !row.ParseFromString(json)) return 0;
  const auto read = catalog::ReadImportRow(row, shop::Channels());
  if (!absl::holds_alternative<catalog::ImportedRow>(read)) return 0;
  const auto& imported = absl::get<catalog::ImportedRow>(read);
  fuzz::Require(imported.hash.size() == 64, "a row has a hash");
  fuzz::Require(!imported.product.title.empty(), "a product has a title");
  (void)catalog::ProductJson(imported.product).dump();
  return 0;
}
