#include "common/base/crash_point.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace arasta {
namespace {

struct ArmedPoint {
  std::string name;
  std::atomic<int> passages_left;
};

ArmedPoint* Arm() {
  const char* setting = std::getenv("ARASTA_CRASH_POINT");
  if (setting == nullptr || *setting == '\0') return nullptr;
  const std::vector<std::string> parts = absl::StrSplit(setting, absl::MaxSplits(':', 1));
  int passages = 1;
  if (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &passages)) passages = 1;
  return new ArmedPoint{parts[0], passages};
}

}  // namespace

void CrashPoint(const char* name) {
  static ArmedPoint* const armed = Arm();
  if (armed == nullptr || armed->name != name) return;
  if (armed->passages_left.fetch_sub(1) != 1) return;
  const std::string last_words = absl::StrCat("{\"msg\":\"crash point\",\"name\":\"", name, "\"}\n");
  // Nothing can be done about a failed write in a process that is about to end.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, last_words.data(), last_words.size());
  _exit(137);
}

}  // namespace arasta
