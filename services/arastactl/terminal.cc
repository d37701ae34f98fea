#include "services/arastactl/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace arasta::ctl {
namespace {

constexpr int kBarWidth = 30;
constexpr absl::Duration kRedraw = absl::Milliseconds(100);

std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

// Code points, which is what alignment by blanks can know.
size_t Width(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

void PrintRow(std::ostream& out, const std::vector<std::string>& row, const std::vector<size_t>& widths) {
  std::string line = "  ";
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string cell = Printable(row[i]);
    const bool last = i + 1 == row.size();
    absl::StrAppend(&line, cell, last ? "" : std::string(widths[i] - Width(cell) + 2, ' '));
  }
  out << line << "\n";
}

}  // namespace

void PrintTable(std::ostream& out, const std::vector<std::string>& heading,
                const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const std::string& name : heading) widths.push_back(Width(name));
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
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
