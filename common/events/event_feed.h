// EventFeedService over the outbox: what the streams no longer have, and how far consumers are.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "arasta/events/v1/events.pb.h"
#include "common/call/call.h"
#include "common/events/consumer.h"
#include "common/pg/pool.h"

namespace arasta::events {

// Thread-safe. A Feed itself, so that a consumer in the same process or test reads it directly.
class EventFeed : public Feed {
 public:
  EventFeed(pg::Pool& pool, std::string producer);

  // NOT_FOUND with reason EVENTS_EXPIRED: the range was pruned; the metadata tell "first_sequence", the
  // first that is left, and the "incarnation".
  absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(const Call& call,
                                                        const v1::ReplayEventsRequest& request) override;

  // PERMISSION_DENIED: a process speaks for another one. Repeatable; watermarks never go back.
  absl::StatusOr<v1::AckEventsResponse> AckEvents(const Call& call,
                                                  const v1::AckEventsRequest& request) override;

  absl::StatusOr<v1::Heads> GetHeads(const Call& call, const v1::GetHeadsRequest& request);

 private:
  pg::Pool& pool_;
  const std::string producer_;
};

}  // namespace arasta::events
