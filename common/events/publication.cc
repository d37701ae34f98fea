#include "common/events/publication.h"

#include <utility>

namespace arasta::events {

void Publication::OnOutbox(OutboxState state) {
  if (state.incarnation != state_.incarnation) aligned_ = false;
  // Once aligned, Redis is known better here than there.
  if (aligned_) state.published = state_.published;
  state_ = std::move(state);
}

std::array<Alignment, kPartitions> Publication::Compare(
    const OutboxView& view, const std::array<StreamSide, kPartitions>& ends) const {
  std::array<Alignment, kPartitions> found;
  for (int i = 0; i < kPartitions; ++i) {
    found[i] = Align({state_.incarnation, state_.heads[i], state_.published[i], view.window_begin[i]},
                     ends[i], view.events[i]);
  }
  return found;
}

void Publication::OnAligned(const std::array<Alignment, kPartitions>& found) {
  for (int i = 0; i < kPartitions; ++i) state_.published[i] = found[i].position;
  aligned_ = true;
}

}  // namespace arasta::events
