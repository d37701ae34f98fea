#include "tests/chaos/simulation/catalog_replica.h"

#include <vector>

namespace arasta::simulation {
namespace {

constexpr size_t kMostAtOnce = 4;
constexpr absl::Duration kNow = absl::ZeroDuration();
constexpr absl::Duration kFlush = absl::Milliseconds(3);
constexpr absl::Duration kPatience = absl::Seconds(1);

}  // namespace

void CatalogReplica::Boot() {
  lane_.emplace(kMostAtOnce);
  waiters_.clear();
}

void CatalogReplica::Reserve(const catalog::ReserveRequest& request, const Answer& answer) {
  process_.Then(kNow, [this, request, answer] {
    waiters_.push_back({request, answer});
    const catalog::ReserveRequest* waiting = &waiters_.back().request;
    lane_->Add(waiting);
    process_.Then(kPatience, [this, waiting] {
      if (!lane_->Remove(waiting)) return;
      Forget(waiting);
      Lead();
    });
    Lead();
  });
}

// Whoever is oldest serves the next batch.
void CatalogReplica::Lead() {
  for (const Waiter& waiter : waiters_) {
    if (!lane_->Leads(&waiter.request)) continue;
    process_.Then(kFlush, [this, batch = lane_->Take(), seen = shelf_.Available()] { Serve(batch, seen); });
    return;
  }
}

void CatalogReplica::Serve(const std::vector<const catalog::ReserveRequest*>& batch,
                           const catalog::Availability& seen) {
  std::vector<catalog::ReserveRequest> requests;
  for (const catalog::ReserveRequest* request : batch) requests.push_back(*request);
  const std::vector<absl::Status> answers = shelf_.ReserveAll(requests, seen);
  for (size_t i = 0; i < batch.size(); ++i) {
    absl::Status answer = answers[i];
    // What spoilt the batch is found by trying each alone.
    if (catalog::MayBeAnothersFault(answer)) answer = shelf_.ReserveAll({requests[i]}, seen).front();
    for (const Waiter& waiter : waiters_) {
      if (&waiter.request == batch[i]) Reply(waiter.answer, answer);
    }
    Forget(batch[i]);
  }
  lane_->Finish();
  Lead();
}

void CatalogReplica::Commit(const catalog::ReservationKey& key, const Answer& answer) {
  process_.Then(kNow, [this, key, answer] { Reply(answer, shelf_.Commit(key)); });
}

void CatalogReplica::Release(const catalog::ReservationKey& key, const Answer& answer) {
  process_.Then(kNow, [this, key, answer] { Reply(answer, shelf_.Release(key)); });
}

void CatalogReplica::Reply(const Answer& answer, const absl::Status& status) {
  world_.Send([answer, status] { answer(status); });
}

void CatalogReplica::Forget(const catalog::ReserveRequest* request) {
  waiters_.remove_if([request](const Waiter& waiter) { return &waiter.request == request; });
}

}  // namespace arasta::simulation
