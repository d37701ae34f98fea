#include "common/events/event_feed.h"

#include <pqxx/pqxx>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/uuid.h"
#include "common/events/outbox_store.h"
#include "common/log/log.h"
#include "common/pg/array.h"
#include "common/pg/transaction.h"

namespace arasta::events {
namespace {

constexpr int kMaxEvents = 1000;
constexpr size_t kMaxBytes = 1 << 20;

}  // namespace

EventFeed::EventFeed(pg::Pool& pool, std::string producer) : pool_(pool), producer_(std::move(producer)) {}

absl::StatusOr<v1::ReplayEventsResponse> EventFeed::ReplayEvents(const Call& call,
                                                                 const v1::ReplayEventsRequest& request) {
  if (request.partition() >= kPartitions) return InvalidField("partition", "there are 8");
  const int partition = static_cast<int>(request.partition());
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<v1::ReplayEventsResponse> {
    const OutboxState state = ReadOutboxState(tx);
    v1::ReplayEventsResponse response;
    response.set_incarnation(state.incarnation);
    response.set_head_sequence(state.heads[partition]);
    // Nobody reads further than the streams were: their ends then tell of a database that was restored.
    const int64_t published = state.published[partition];
    if (request.from_sequence() > published) return response;
    std::vector<v1::Envelope> events = ReadOutboxPartition(tx, producer_, state.incarnation, partition,
                                                           request.from_sequence() - 1, kMaxEvents);
    const int64_t first = events.empty() ? state.heads[partition] + 1 : events[0].sequence();
    if (first != request.from_sequence()) {
      return Error(absl::StatusCode::kNotFound, "EVENTS_EXPIRED", "these events have been pruned",
                   {{"first_sequence", absl::StrCat(first)}, {"incarnation", state.incarnation}});
    }
    size_t bytes = 0;
    for (v1::Envelope& event : events) {
      bytes += event.ByteSizeLong();
      const bool beyond = request.to_sequence() > 0 && event.sequence() > request.to_sequence();
      if (beyond || event.sequence() > published || (bytes > kMaxBytes && response.events_size() > 0)) break;
      *response.add_events() = std::move(event);
    }
    return response;
  });
}

constexpr char kAck[] = R"sql(
  INSERT INTO outbox_consumers AS known (consumer, partition, incarnation, watermark)
  SELECT $1, nth - 1, $2, watermark
  FROM unnest($3::bigint[]) WITH ORDINALITY AS reported (watermark, nth) ORDER BY nth
  ON CONFLICT (consumer, partition) DO UPDATE SET
    watermark = CASE WHEN known.incarnation = EXCLUDED.incarnation
                     THEN greatest(known.watermark, EXCLUDED.watermark) ELSE EXCLUDED.watermark END,
    incarnation = EXCLUDED.incarnation,
    update_time = now())sql";

absl::StatusOr<v1::AckEventsResponse> EventFeed::AckEvents(const Call& call,
                                                           const v1::AckEventsRequest& request) {
  if (call.peer() != request.consumer()) {
    return Error(absl::StatusCode::kPermissionDenied, "NOT_THE_CONSUMER",
                 "a service reports for itself alone");
  }
  if (!Uuid::Parse(request.incarnation()) || request.watermarks_size() > kPartitions) {
    return InvalidField("watermarks", "of an incarnation, at most 8");
  }
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<v1::AckEventsResponse> {
    const OutboxState state = ReadOutboxState(tx);
    // Of an incarnation that has ended meanwhile.
    if (request.incarnation() != state.incarnation) return v1::AckEventsResponse();
    for (int i = 0; i < request.watermarks_size(); ++i) {
      if (request.watermarks(i) <= state.heads[static_cast<size_t>(i)]) continue;
      // It has read what this database never gave out: the database was restored.
      log::Warning("a consumer is ahead: a new incarnation", {{"consumer", request.consumer()}});
      RenewIncarnation(tx);
      return v1::AckEventsResponse();
    }
    tx.exec_params(kAck, request.consumer(), request.incarnation(), pg::ToArray(request.watermarks()));
    return v1::AckEventsResponse();
  });
}

absl::StatusOr<v1::Heads> EventFeed::GetHeads(const Call& call, const v1::GetHeadsRequest&) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<v1::Heads> {
    const OutboxState state = ReadOutboxState(tx);
    v1::Heads heads;
    heads.set_producer(producer_);
    heads.set_incarnation(state.incarnation);
    for (const int64_t sequence : state.heads) heads.add_sequences(sequence);
    return heads;
  });
}

}  // namespace arasta::events
