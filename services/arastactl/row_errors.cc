#include "services/arastactl/row_errors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/arastactl/terminal.h"

namespace arasta::ctl {
namespace {

constexpr absl::string_view kInvalidValue = "invalid value ";
constexpr absl::string_view kForType = " for type ";
constexpr absl::string_view kUnknownField = ": Cannot find field.";

absl::string_view WordsFor(absl::string_view type) {
  if (type == "TYPE_STRING") return "text in quotes";
  if (type == "TYPE_BOOL") return "true or false";
  if (absl::StrContains(type, "INT")) return "a whole number";
  if (absl::EndsWith(type, "Timestamp")) return "a time such as 2026-11-22T14:05:00Z";
  return "an object or a list of them";
}

// The parser says "(variants[0].on_hand): invalid value "abc" for type TYPE_INT64".
bool ReadInvalidValue(absl::string_view complaint, std::string* field, std::string* message) {
  const size_t end = complaint.find("): ");
  if (!absl::ConsumePrefix(&complaint, "(") || end == absl::string_view::npos) return false;
  *field = std::string(complaint.substr(0, end - 1));
  complaint.remove_prefix(end - 1 + 3);
  const size_t type = complaint.rfind(kForType);
  if (!absl::ConsumePrefix(&complaint, kInvalidValue) || type == absl::string_view::npos) return false;
  const size_t length = type - kInvalidValue.size();
  *message = absl::StrCat("must be ", WordsFor(complaint.substr(length + kForType.size())), ", not ",
                          complaint.substr(0, length));
  return true;
}

// Otherwise a sentence, the text near the place and a mark under it; the sentence is enough.
std::string NotJson(absl::string_view complaint) {
  std::string sentence(absl::StripSuffix(complaint.substr(0, complaint.find('\n')), "."));
  if (absl::EndsWith(sentence, "Root element must be a message")) return "the line must be one JSON object";
  if (!sentence.empty()) sentence[0] = absl::ascii_tolower(static_cast<unsigned char>(sentence[0]));
  return absl::StrCat("the line is not JSON: ", sentence);
}

}  // namespace

catalog::v1::ImportRowError NotARow(int64_t line, const std::string& complaint) {
  catalog::v1::ImportRowError error;
  error.set_row_number(line);
  error.set_reason("INVALID_JSON");
  std::string field, message;
  if (absl::EndsWith(complaint, kUnknownField)) {
    error.set_field(complaint.substr(0, complaint.size() - kUnknownField.size()));
    error.set_reason("UNKNOWN_FIELD");
    error.set_message("rows have no such field");
  } else if (ReadInvalidValue(complaint, &field, &message)) {
    error.set_field(field);
    error.set_message(message);
  } else {
    error.set_message(NotJson(complaint));
  }
  return error;
}

catalog::v1::ImportRowError NotUtf8(int64_t line) {
  catalog::v1::ImportRowError error;
  error.set_row_number(line);
  error.set_reason("INVALID_TEXT");
  error.set_message("the line is not UTF-8");
  return error;
}

catalog::v1::ImportRowError TooLong(int64_t line, int64_t most_bytes) {
  catalog::v1::ImportRowError error;
  error.set_row_number(line);
  error.set_reason("TOO_LONG");
  error.set_message(absl::StrCat("the line has more than ", WithThousands(most_bytes), " bytes"));
  return error;
}

void SortByLine(catalog::v1::ImportProductsResponse& response) {
  auto& errors = *response.mutable_errors();
  std::stable_sort(errors.pointer_begin(), errors.pointer_end(),
                   [](const auto* a, const auto* b) { return a->row_number() < b->row_number(); });
}

}  // namespace arasta::ctl
