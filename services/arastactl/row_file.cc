#include "services/arastactl/row_file.h"

#include <google/protobuf/util/json_util.h>

#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "services/arastactl/row_errors.h"
#include "services/arastactl/terminal.h"

namespace arasta::ctl {
namespace {

namespace v1 = catalog::v1;

constexpr size_t kMostErrors = 1000;
constexpr char kByteOrderMark[] = "\xef\xbb\xbf";

}  // namespace

// One byte more than a line may have, and the end of the string.
RowFile::RowFile(std::istream& in) : in_(in), buffer_(kMostLineBytes + 2) {}

absl::optional<v1::ImportRow> RowFile::Next() {
  for (std::string line; ReadLine(line);) {
    if (line.size() > kMostLineBytes) {
      Add(TooLong(lines_read_, kMostLineBytes));
      continue;
    }
    // Some editors and spreadsheets begin a file with it.
    if (lines_read_ == 1) line = std::string(absl::StripPrefix(line, kByteOrderMark));
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    if (ToUtf8(line) != line) {
      Add(NotUtf8(lines_read_));
      continue;
    }
    v1::ImportRow row;
    if (const auto parsed = google::protobuf::util::JsonStringToMessage(line, &row); !parsed.ok()) {
      Add(NotARow(lines_read_, parsed.message().ToString()));
      continue;
    }
    row_lines_.push_back(lines_read_);
    return row;
  }
  return absl::nullopt;
}

bool RowFile::ReadLine(std::string& line) {
  in_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  const int64_t taken = in_.gcount();
  if (taken == 0 || in_.bad()) return false;
  const bool has_end = in_.good();  // `taken` counts the end too
  line.assign(buffer_.data(), static_cast<size_t>(has_end ? taken - 1 : taken));
  ++lines_read_;
  bytes_read_ += taken;
  if (in_.rdstate() == std::ios::failbit) {  // The buffer is full.
    in_.clear();
    in_.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    bytes_read_ += in_.gcount();
  }
  return true;
}

void RowFile::Add(v1::ImportRowError error) {
  ++error_count_;
  if (errors_.size() < kMostErrors) errors_.push_back(std::move(error));
}

v1::ImportProductsResponse RowFile::ReportOnFile(v1::ImportProductsResponse report) const {
  auto& errors = *report.mutable_errors();
  for (v1::ImportRowError& error : errors) {
    const int64_t row = error.row_number();
    if (row >= 1 && row <= rows_read()) error.set_row_number(row_lines_[static_cast<size_t>(row - 1)]);
  }
  for (const v1::ImportRowError& error : errors_) *errors.Add() = error;
  SortByLine(report);
  report.set_row_count(report.row_count() + error_count_);
  report.set_error_count(report.error_count() + error_count_);
  return report;
}

}  // namespace arasta::ctl
