#include "tests/chaos/simulation/stream.h"

namespace arasta::simulation {
namespace {

absl::Status Away() {
  return absl::UnavailableError("Redis");
}

}  // namespace

absl::Status Streams::Add(const Event& event) {
  if (world_.Strikes(Fault::kStreamAway, 15)) return Away();
  std::deque<Event>& stream = streams_.at(static_cast<size_t>(event.partition));
  const bool there = !stream.empty() && stream.back().sequence >= event.sequence;
  if (!there) stream.push_back(event);
  return world_.Strikes(Fault::kStreamAnswerLost, 15) ? Away() : absl::OkStatus();
}

absl::StatusOr<std::vector<Event>> Streams::Read(int partition, int64_t sequence, size_t count) const {
  if (world_.Strikes(Fault::kStreamAway, 5)) return Away();
  std::vector<Event> events;
  for (const Event& event : streams_.at(static_cast<size_t>(partition))) {
    if (event.sequence > sequence && events.size() < count) events.push_back(event);
  }
  return events;
}

absl::StatusOr<std::array<Event, events::kPartitions>> Streams::Ends() const {
  if (world_.Strikes(Fault::kStreamAway, 15)) return Away();
  std::array<Event, events::kPartitions> ends;
  for (size_t i = 0; i < ends.size(); ++i) {
    if (!streams_[i].empty()) ends[i] = streams_[i].back();
  }
  return ends;
}

absl::Status Streams::Delete(int partition) {
  if (world_.Strikes(Fault::kStreamAway, 15)) return Away();
  streams_.at(static_cast<size_t>(partition)).clear();
  return world_.Strikes(Fault::kStreamAnswerLost, 15) ? Away() : absl::OkStatus();
}

void Streams::Forget() {
  if (!forgets_) return;
  if (world_.random().PerMille(100)) snapshot_ = streams_;
  if (world_.Strikes(Fault::kStreamEmptied, 10)) streams_ = {};
  if (world_.Strikes(Fault::kStreamRewound, 20)) streams_ = snapshot_;
}

}  // namespace arasta::simulation
