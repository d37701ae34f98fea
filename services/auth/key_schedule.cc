#include "services/auth/key_schedule.h"

#include <algorithm>

namespace arasta::auth {

KeySchedule ScheduleKeys(const std::vector<KeyTimes>& keys, const KeyPolicy& policy, absl::Time now) {
  KeySchedule schedule;
  if (keys.empty()) {
    schedule.due = KeyTimes{1, now};
    return schedule;
  }
  const auto next =
      std::find_if(keys.begin(), keys.end(), [&](const KeyTimes& key) { return key.activate_time > now; });
  // The clock stood before the first key's time: it signs all the same, there being no other.
  const auto current = next == keys.begin() ? keys.begin() : next - 1;
  schedule.current = current->generation;

  auto oldest = current;
  while (oldest != keys.begin() && now < oldest->activate_time + policy.linger) --oldest;
  schedule.oldest_published = oldest->generation;

  const absl::Time end = current->activate_time + policy.period;
  if (next == keys.end() && now >= end - policy.lead) {
    // Never before everybody had time to see it, however late we are.
    schedule.due = KeyTimes{keys.back().generation + 1, std::max(end, now + policy.lead)};
  }
  return schedule;
}

}  // namespace arasta::auth
