#include "services/catalog/reservation_combiner.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/hash.h"

namespace arasta::catalog {
namespace {

// One flush for so many; more would make the first wait for the work of the last.
constexpr size_t kMostAtOnce = 64;

absl::Status TooLate() {
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "no time left to reserve");
}

}  // namespace

ReservationCombiner::Lane::Lane() : queue(kMostAtOnce) {}

ReservationCombiner::ReservationCombiner(ReservationStore& store, int lanes) : store_(store) {
  for (int i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<Lane>());
}

absl::StatusOr<Reservation> ReservationCombiner::Reserve(const Call& call, ReserveRequest request) {
  Lane& lane = *lanes_[StableHash(request.lines.front().sku) % lanes_.size()];
  absl::optional<Answer> answer = WaitInLane(call, lane, request);
  // What spoilt the batch is found by trying each alone.
  return answer.has_value() ? *std::move(answer) : store_.Reserve(call, request);
}

// Whoever is oldest when a batch is done serves the next one, itself included, and leaves. Nullopt: the
// batch failed and the request may not be to blame.
absl::optional<absl::StatusOr<Reservation>> ReservationCombiner::WaitInLane(const Call& call, Lane& lane,
                                                                            const ReserveRequest& request) {
  MutexLock lock(lane.mutex);
  lane.queue.Add(&request);
  lane.deadlines[&request] = call.deadline();
  while (!lane.answers.contains(&request)) {
    if (lane.queue.Leads(&request)) {
      ServeBatch(lane, call.trace());
    } else if (call.Remaining() > absl::ZeroDuration()) {
      lane.changed.WaitFor(lane.mutex, std::min(call.Remaining(), absl::Seconds(60)));
    } else if (lane.queue.Remove(&request)) {
      lane.deadlines.erase(&request);
      lane.changed.NotifyAll();
      return TooLate();
    } else {
      lane.changed.Wait(lane.mutex);
    }
  }
  Answer answer = std::move(lane.answers.extract(&request).mapped());
  lane.deadlines.erase(&request);
  if (MayBeAnothersFault(answer.status())) return absl::nullopt;
  return answer;
}

// Under the trace of the one that serves: a span has one parent.
void ReservationCombiner::ServeBatch(Lane& lane, const trace::Context& trace) {
  const std::vector<const ReserveRequest*> batch = lane.queue.Take();
  absl::Time deadline = absl::InfinitePast();
  for (const ReserveRequest* request : batch) deadline = std::max(deadline, lane.deadlines.at(request));
  lane.mutex.unlock();
  const Call call = Call::Background("catalog.ReserveAll", deadline).Under(trace);
  std::vector<Answer> answers = store_.ReserveAll(call, batch);
  lane.mutex.lock();
  for (size_t i = 0; i < batch.size(); ++i) lane.answers.emplace(batch[i], std::move(answers[i]));
  lane.queue.Finish();
  lane.changed.NotifyAll();
}

}  // namespace arasta::catalog
