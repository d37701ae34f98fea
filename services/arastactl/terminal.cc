#include "services/arastactl/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace arasta::ctl {
namespace {

constexpr int kBarWidth = 30;
constexpr absl::Duration kRedraw = absl::Milliseconds(100);

// The control characters from U+0080 drive terminals too; in UTF-8 they are C2 80 to C2 9F.
std::string Printable(const std::string& text) {
  std::string printable;
  for (const char c : ToUtf8(text)) {
    const bool is_c1 = !printable.empty() && printable.back() == '\xc2' && c < '\xa0';
    if (is_c1) printable.pop_back();
    printable.push_back(is_c1 || absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? ' ' : c);
  }
  return printable;
}

// Code points, which is what alignment by blanks can know.
size_t Width(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

void PrintRow(std::ostream& out, const std::vector<std::string>& row, const std::vector<size_t>& widths) {
  std::string line = "  ";
  for (size_t i = 0; i < row.size(); ++i) {
    const bool last = i + 1 == row.size();
    absl::StrAppend(&line, row[i], last ? "" : std::string(widths[i] - Width(row[i]) + 2, ' '));
  }
  out << line << "\n";
}

}  // namespace

std::string ToUtf8(const std::string& text) {
  using Json = nlohmann::json;
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

void PrintTable(std::ostream& out, const std::vector<std::string>& heading,
                std::vector<std::vector<std::string>> rows) {
  std::vector<size_t> widths;
  for (const std::string& name : heading) widths.push_back(Width(name));
  for (auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = Printable(row[i]);
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  PrintRow(out, heading, widths);
  for (const auto& row : rows) PrintRow(out, row, widths);
}

std::string WithThousands(int64_t number) {
  std::string digits = absl::StrCat(number);
  const int first = number < 0 ? 1 : 0;
  for (int at = static_cast<int>(digits.size()) - 3; at > first; at -= 3) digits.insert(at, 1, ',');
  return digits;
}

ProgressBar::ProgressBar(int64_t total) : visible_(isatty(STDERR_FILENO) == 1), total_(total) {}

void ProgressBar::Update(int64_t done, const std::string& note) {
  const absl::Time now = absl::Now();
  if (!visible_ || now - drawn_ < kRedraw) return;
  drawn_ = now;
  const double share =
      total_ > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(total_)) : 1;
  const int filled = static_cast<int>(share * kBarWidth);
  std::cerr << absl::StrFormat("\r\x1b[K  [%s%s] %3d %%  %s", std::string(filled, '#'),
                               std::string(kBarWidth - filled, '-'), static_cast<int>(share * 100), note)
            << std::flush;
}

void ProgressBar::Clear() {
  if (visible_) std::cerr << "\r\x1b[K" << std::flush;
}

}  // namespace arasta::ctl
