// What is wrong with the lines of an import file, for people.
#pragma once

#include <cstdint>
#include <string>

#include "arasta/catalog/v1/catalog_admin_service.pb.h"

namespace arasta::ctl {

// The error of a line that protobuf's JSON parser refused with `complaint`.
catalog::v1::ImportRowError NotARow(int64_t line, const std::string& complaint);

// The error of a line that is no UTF-8 text.
catalog::v1::ImportRowError NotUtf8(int64_t line);

// The error of a line of more than `most_bytes`.
catalog::v1::ImportRowError TooLong(int64_t line, int64_t most_bytes);

// In the order of the file; those of one line stay as they are.
void SortByLine(catalog::v1::ImportProductsResponse& response);

}  // namespace arasta::ctl
