// arastactl import FILE.jsonl: streams the rows to the catalogue and reports those it refused.

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "arasta/catalog/v1/catalog_admin_service.pb.h"
#include "common/base/status_macros.h"
#include "services/arastactl/commands.h"
#include "services/arastactl/row_errors.h"
#include "services/arastactl/terminal.h"

namespace arasta::ctl {
namespace {

namespace v1 = catalog::v1;

constexpr int kRowsPerMessage = 200;
constexpr size_t kBytesPerMessage = 1 << 20;
constexpr size_t kShownErrors = 20;

absl::Status Login(const Arguments& arguments, ShopClient& shop) {
  std::ifstream file(arguments.password_file);
  std::string password;
  if (!std::getline(file, password)) {
    return absl::InvalidArgumentError(absl::StrCat(arguments.password_file, " can't be read"));
  }
  auth::v1::LoginRequest request;
  request.set_email(arguments.email);
  request.set_password(password);
  ASSIGN_OR_RETURN(const auth::v1::LoginResponse response,
                   shop.Call<auth::v1::LoginResponse>("arasta.auth.v1.AuthService/Login", request));
  shop.set_access_token(response.tokens().access_token());
  return absl::OkStatus();
}

// Reads the file, sends it in messages and collects what is wrong with it, by the file's own lines.
class Importer {
 public:
  Importer(ShopClient& shop, std::istream& file, int64_t file_size, bool dry_run)
      : upload_(shop.StartUpload("arasta.catalog.v1.CatalogAdminService/ImportProducts")),
        file_(file),
        bar_(file_size) {
    message_.mutable_config()->set_dry_run(dry_run);
  }

  absl::StatusOr<v1::ImportProductsResponse> Run() {
    std::string line;
    bool open = true;
    while (open && std::getline(file_, line)) {
      ++line_number_;
      bytes_read_ += line.size() + 1;
      if (absl::StripAsciiWhitespace(line).empty()) continue;
      AddRow(line);
      const bool full = message_.rows_size() >= kRowsPerMessage || message_bytes_ >= kBytesPerMessage;
      if (full) open = Send();
    }
    if (open) Send();
    v1::ImportProductsResponse response;
    const absl::Status status = upload_->Finish(response);
    bar_.Clear();
    if (!status.ok()) return status;
    return WithOwnErrors(std::move(response));
  }

 private:
  void AddRow(const std::string& line) {
    v1::ImportRow row;
    const auto parsed = google::protobuf::util::JsonStringToMessage(line, &row);
    if (!parsed.ok()) {
      errors_.push_back(NotARow(line_number_, parsed.message().ToString()));
      return;
    }
    *message_.add_rows() = std::move(row);
    message_bytes_ += line.size();
    sent_lines_.push_back(line_number_);
  }

  bool Send() {
    const bool open = upload_->Write(message_);
    message_.Clear();
    message_bytes_ = 0;
    bar_.Update(bytes_read_, absl::StrCat(WithThousands(static_cast<int64_t>(sent_lines_.size())), " rows"));
    return open;
  }

  // The catalogue numbers the rows it was sent; people number the lines of their file.
  v1::ImportProductsResponse WithOwnErrors(v1::ImportProductsResponse response) const {
    for (v1::ImportRowError& error : *response.mutable_errors()) {
      const auto row = static_cast<size_t>(error.row_number());
      if (row >= 1 && row <= sent_lines_.size()) error.set_row_number(sent_lines_[row - 1]);
    }
    for (const v1::ImportRowError& error : errors_) *response.add_errors() = error;
    SortByLine(response);
    const auto own = static_cast<int64_t>(errors_.size());
    response.set_row_count(response.row_count() + own);
    response.set_error_count(response.error_count() + own);
    return response;
  }

  std::unique_ptr<ShopClient::Upload> upload_;
  std::istream& file_;
  ProgressBar bar_;
  v1::ImportProductsRequest message_;
  size_t message_bytes_ = 0;
  int64_t line_number_ = 0;
  int64_t bytes_read_ = 0;
  std::vector<int64_t> sent_lines_;  // by row number - 1
  std::vector<v1::ImportRowError> errors_;
};

void PrintErrors(const v1::ImportProductsResponse& response) {
  if (response.errors().empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const v1::ImportRowError& error : response.errors()) {
    if (rows.size() == kShownErrors) break;
    rows.push_back(
        {absl::StrCat(error.row_number()), error.sku(), error.field(), error.reason(), error.message()});
  }
  std::cout << "\n";
  PrintTable(std::cout, {"LINE", "SKU", "FIELD", "REASON", "MESSAGE"}, rows);
  const int64_t hidden = response.error_count() - static_cast<int64_t>(rows.size());
  if (hidden > 0) std::cout << "  and " << WithThousands(hidden) << " more\n";
}

void PrintSummary(const v1::ImportProductsResponse& response, absl::Duration duration) {
  PrintTable(
      std::cout, {"ROWS", "CREATED", "UPDATED", "UNCHANGED", "REFUSED", "SECONDS"},
      {{WithThousands(response.row_count()), WithThousands(response.created_count()),
        WithThousands(response.updated_count()), WithThousands(response.unchanged_count()),
        WithThousands(response.error_count()), absl::StrFormat("%.1f", absl::ToDoubleSeconds(duration))}});
  PrintErrors(response);
}

}  // namespace

int Import(const Arguments& arguments, ShopClient& shop) {
  std::ifstream file(arguments.file, std::ios::binary | std::ios::ate);
  if (!file) {
    std::cerr << "arastactl: " << arguments.file << " can't be read\n";
    return kUsageError;
  }
  const auto size = static_cast<int64_t>(file.tellg());
  file.seekg(0);
  if (const absl::Status status = Login(arguments, shop); !status.ok()) {
    std::cerr << "arastactl: login: " << Describe(status) << "\n";
    return kCallFailed;
  }
  const absl::Time start = absl::Now();
  const absl::StatusOr<v1::ImportProductsResponse> response =
      Importer(shop, file, size, arguments.dry_run).Run();
  if (!response.ok()) {
    std::cerr << "arastactl: import: " << Describe(response.status()) << "\n";
    return kCallFailed;
  }
  if (arguments.json) {
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(*response, &text).ok()) return kCallFailed;
    std::cout << text << "\n";
  } else {
    PrintSummary(*response, absl::Now() - start);
  }
  return response->error_count() == 0 ? kDone : kDoneInPart;
}

}  // namespace arasta::ctl
