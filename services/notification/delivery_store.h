// The delivery log, which is the senders' queue too, in PostgreSQL. Its clock is the only one that
// decides what is due, so replicas need not agree on the time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/notification/delivery.h"
#include "services/notification/renderer.h"

namespace arasta::notification {

// What becomes of a claimed delivery.
struct NextStep {
  DeliveryState state = DeliveryState::kQueued;
  std::string reason = {};
  // Until it may be claimed again, in a state that still can.
  absl::Duration delay = {};
};

struct DeliveryFilter {
  std::optional<DeliveryState> state = {};
  std::string recipient = {};
  std::string subject = {};
};

// Thread-safe.
class DeliveryStore {
 public:
  explicit DeliveryStore(pg::Pool& pool) : pool_(pool) {}

  // Takes the most urgent delivery that is due and that nobody holds, for `lease`. One that is queued
  // moves to sending and gets a row for the attempt. nullopt: nothing is due.
  absl::StatusOr<std::optional<ClaimedDelivery>> Claim(const Call& call, absl::Duration lease) const;

  // Holds on to a claim for another `lease`.
  // ABORTED, reason LEASE_LOST, here and below: another sender has claimed the delivery meanwhile.
  absl::Status Renew(const Call& call, const ClaimedDelivery& claimed, absl::Duration lease) const;

  // Freezes address and bytes: accepted becomes queued, due at once.
  absl::Status Freeze(const Call& call, const ClaimedDelivery& claimed, const RenderedMessage& rendered,
                      const std::string& address, const std::string& message) const;

  // Ends the claim. With an `attempt`, writes down how it ended. Repeatable.
  absl::Status Settle(const Call& call, const ClaimedDelivery& claimed, const NextStep& next,
                      const std::optional<AttemptResult>& attempt) const;

  // Newest first, those older than `before`.
  absl::StatusOr<std::vector<LoggedDelivery>> List(const Call& call, const DeliveryFilter& filter,
                                                   const std::optional<Uuid>& before, int limit) const;

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::notification
