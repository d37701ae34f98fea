// arastactl import FILE.jsonl: streams the rows to the catalogue and reports those it refused.

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "arasta/catalog/v1/catalog_admin_service.pb.h"
#include "common/base/status_macros.h"
#include "services/arastactl/commands.h"
#include "services/arastactl/row_file.h"
#include "services/arastactl/terminal.h"

namespace arasta::ctl {
namespace {

namespace v1 = catalog::v1;

constexpr int kRowsPerMessage = 200;
constexpr size_t kBytesPerMessage = 1 << 20;
constexpr size_t kShownErrors = 20;

absl::Status Login(const std::string& email, const std::string& password, ShopClient& shop) {
  auth::v1::LoginRequest request;
  request.set_email(email);
  request.set_password(password);
  ASSIGN_OR_RETURN(const auth::v1::LoginResponse response,
                   shop.Call<auth::v1::LoginResponse>("arasta.auth.v1.AuthService/Login", request));
  shop.set_access_token(response.tokens().access_token());
  return absl::OkStatus();
}

// Sends the file in messages and waits for the report.
class Importer {
 public:
  Importer(ShopClient& shop, std::istream& file, int64_t file_size, bool dry_run)
      : upload_(shop.StartUpload("arasta.catalog.v1.CatalogAdminService/ImportProducts")),
        file_(file),
        bar_(file_size) {
    message_.mutable_config()->set_dry_run(dry_run);
  }

  // DATA_LOSS: the file could not be read to its end; the rows before that are imported.
  absl::StatusOr<v1::ImportProductsResponse> Run() {
    bool open = true;
    while (open) {
      absl::optional<v1::ImportRow> row = file_.Next();
      if (!row.has_value()) break;
      message_bytes_ += row->ByteSizeLong();
      *message_.add_rows() = *std::move(row);
      const bool full = message_.rows_size() >= kRowsPerMessage || message_bytes_ >= kBytesPerMessage;
      if (full) open = Send();
    }
    if (open) Send();
    v1::ImportProductsResponse response;
    const absl::Status status = upload_->Finish(response);
    bar_.Clear();
    if (!status.ok()) return status;
    if (file_.failed()) {
      return absl::DataLossError(absl::StrCat("the file can't be read beyond line ", file_.lines_read()));
    }
    return file_.ReportOnFile(std::move(response));
  }

 private:
  bool Send() {
    const bool open = upload_->Write(message_);
    message_.Clear();
    message_bytes_ = 0;
    bar_.Update(file_.bytes_read(), absl::StrCat(WithThousands(file_.rows_read()), " rows"));
    return open;
  }

  std::unique_ptr<ShopClient::Upload> upload_;
  RowFile file_;
  ProgressBar bar_;
  v1::ImportProductsRequest message_;
  size_t message_bytes_ = 0;
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
  const auto size = static_cast<int64_t>(file.tellg());
  file.seekg(0);
  file.peek();  // A directory opens, but gives nothing to read.
  if (file.bad() || size < 0) {
    std::cerr << "arastactl: " << arguments.file << " can't be read\n";
    return kUsageError;
  }
  std::ifstream password_file(arguments.password_file);
  std::string password;
  if (!std::getline(password_file, password)) {
    std::cerr << "arastactl: " << arguments.password_file << " can't be read\n";
    return kUsageError;
  }
  if (const absl::Status status = Login(arguments.email, password, shop); !status.ok()) {
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
