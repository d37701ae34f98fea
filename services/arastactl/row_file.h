// The file of an import, `arastactl import FILE.jsonl`: a row a line, and what is wrong with lines that are
// none.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "arasta/catalog/v1/catalog_admin_service.pb.h"

namespace arasta::ctl {

// The longest line that is taken: with the rows that are before it in a message it stays under the gateway's
// limit of 4 MiB.
inline constexpr int64_t kMostLineBytes = 2 << 20;

class RowFile {
 public:
  // `in` outlives this.
  explicit RowFile(std::istream& in);

  // The next row that can be sent. Lines that are no rows are kept as errors and skipped, blank ones skipped.
  // nullopt at the end, and where the file can't be read further.
  absl::optional<catalog::v1::ImportRow> Next();

  bool failed() const { return in_.bad(); }
  int64_t lines_read() const { return lines_read_; }
  int64_t bytes_read() const { return bytes_read_; }
  int64_t rows_read() const { return static_cast<int64_t>(row_lines_.size()); }

  // The catalogue's report on the rows, as one on the file: its errors name lines and stand among ours.
  catalog::v1::ImportProductsResponse ReportOnFile(catalog::v1::ImportProductsResponse on_rows) const;

 private:
  // False at the end, and where the file can't be read further. Of a line that is too long it gives the
  // beginning.
  bool ReadLine(std::string& line);
  void Add(catalog::v1::ImportRowError error);

  std::istream& in_;
  std::vector<char> buffer_;
  int64_t lines_read_ = 0;
  int64_t bytes_read_ = 0;
  std::vector<int64_t> row_lines_;                   // by row number - 1
  std::vector<catalog::v1::ImportRowError> errors_;  // as many as a report holds
  int64_t error_count_ = 0;
};

}  // namespace arasta::ctl
