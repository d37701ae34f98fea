// What people see: tables and a progress bar.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace arasta::ctl {

// Writes rows under a heading, columns aligned, two blanks apart. Control characters are replaced,
// and what is not UTF-8: a title from a catalogue must not drive the terminal.
void PrintTable(std::ostream& out, const std::vector<std::string>& heading,
                std::vector<std::vector<std::string>> rows);

// `text`, with the replacement character for whatever is not UTF-8.
std::string ToUtf8(const std::string& text);

// "1,234,567".
std::string WithThousands(int64_t number);

// A bar on stderr, redrawn at most ten times a second; silent where stderr is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(int64_t total);
  // `done` of the total; `note` stands behind the bar.
  void Update(int64_t done, const std::string& note);
  // Erases it.
  void Clear();

 private:
  const bool visible_;
  const int64_t total_;
  absl::Time drawn_ = absl::InfinitePast();
};

}  // namespace arasta::ctl
