#include "common/events/consumer.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/events/partition.h"
#include "common/log/log.h"
#include "common/redis/subscriber.h"
#include "common/trace/span.h"

namespace arasta::events {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(5);
constexpr absl::Duration kBlock = absl::Milliseconds(200);

ConsumerOptions WithOwner(ConsumerOptions options) {
  if (options.owner.empty()) options.owner = Uuid::V4().ToString();
  return options;
}

metrics::Counter& CounterOf(const char* name, const char* help, const ConsumerOptions& options) {
  return metrics::NewCounter(name, help, {{"consumer", options.consumer}});
}

metrics::Gauge& GaugeOf(const char* name, const char* help, const ConsumerOptions& options) {
  return metrics::NewGauge(name, help, {{"consumer", options.consumer}});
}

// What is done about an event, under the trace of the call that caused it.
trace::Span SpanOf(const v1::Envelope& event) {
  const absl::optional<trace::Context> cause = trace::Context::Parse(event.traceparent());
  trace::Span span(cause.has_value() ? *cause : trace::Context::NewUnsampled(), trace::Kind::kConsumer,
                   "process");
  if (!span.recording()) return span;
  span.SetName(absl::StrCat("process ", event.type()));
  span.Set("messaging.system", "redis");
  span.Set("messaging.operation.type", "process");
  span.Set("messaging.destination.name", StreamKey(event.producer(), static_cast<int>(event.partition())));
  span.Set("messaging.message.id", event.event_id());
  return span;
}

Call CallFor(const v1::Envelope& event, const trace::Context& trace) {
  return Call({.deadline = absl::Now() + kCallTimeout,
               .trace = trace,
               .request_id = event.event_id(),
               .method = absl::StrCat("events/", event.type())});
}

}  // namespace

Consumer::Consumer(ConsumerOptions options, pg::Pool& pool, redis::Pool& redis, Handler handler)
    : options_(WithOwner(std::move(options))),
      redis_(redis),
      inbox_(pool, options_.owner, std::move(handler)),
      applied_total_(CounterOf("arasta_events_applied_total", "Events applied or parked", options_)),
      replayed_total_(
          CounterOf("arasta_events_replayed_total", "Events read from a producer's outbox", options_)),
      failures_total_(
          CounterOf("arasta_events_failures_total", "Failed attempts to apply an event", options_)),
      parked_total_(CounterOf("arasta_events_parked_total", "Events put into dead letters", options_)),
      dead_letters_(GaugeOf("arasta_events_dead_letters", "Events that wait in dead letters", options_)),
      caught_up_(GaugeOf("arasta_events_consumer_caught_up_timestamp_seconds",
                         "When all events of the partitions held here were last applied", options_)) {
  for (const Producer& producer : options_.producers) feeds_[producer.name] = producer.feed;
}

void Consumer::Run(std::stop_token stop) {
  std::vector<std::string> channels;
  for (const auto& [producer, feed] : feeds_) channels.push_back(HeadsChannel(producer));
  redis::Subscriber subscriber(redis_.options(), channels,
                               [this](const std::string&, const std::string& message) {
                                 v1::Heads heads;
                                 if (heads.ParseFromString(message)) OnHeads(heads);
                               });
  Mutex mutex;
  CondVar never;
  absl::StatusCode last = absl::StatusCode::kOk;
  while (!stop.stop_requested()) {
    const absl::Status status = RunRound(kBlock).status();
    const absl::StatusCode code = status.code();
    if (code != std::exchange(last, code)) {
      log::Warning("consumer", {{"code", absl::StatusCodeToString(code)}, {"error", status.message()}});
    }
    if (code == absl::StatusCode::kOk && reading_) continue;
    MutexLock lock(mutex);
    never.WaitFor(mutex, stop, kBlock, [] { return false; });
  }
  inbox_.Release(NewCall()).IgnoreError();  // or they run out by themselves
}

absl::StatusOr<int> Consumer::RunOnce() {
  return RunRound(absl::ZeroDuration());
}

void Consumer::OnHeads(const v1::Heads& heads) {
  MutexLock lock(mutex_);
  heads_[heads.producer()] = heads;
}

absl::StatusOr<int> Consumer::RunRound(absl::Duration block) {
  const absl::Time now = options_.clock->Now();
  reading_ = false;
  if (MustRenew()) RETURN_IF_ERROR(Renew());
  if (redrive_.Take(now)) Redrive();
  if (ack_.Take(now)) Acknowledge();
  if (count_.Take(now)) CountDeadLetters();
  if (prune_.Take(now)) inbox_.Prune(NewCall()).IgnoreError();  // the next time will do

  HeadsOf heads;
  {
    MutexLock lock(mutex_);
    heads = heads_;
  }
  std::vector<PartitionId> ids;
  std::vector<redis::StreamPosition> positions;
  for (const auto& [id, reader] : readers_) {
    if (reader.IsDelayed(now)) continue;
    ids.push_back(id);
    positions.push_back({StreamKey(id.producer, id.partition), reader.cursor().watermark});
  }
  reading_ = !positions.empty();
  bool behind = positions.size() < readers_.size();
  ASSIGN_OR_RETURN(auto lists, redis::ReadStreams(redis_, absl::Now() + kCallTimeout, positions,
                                                  {.count = options_.batch, .block = block}));
  int advanced = 0;
  std::vector<PartitionId> incomplete;
  for (size_t i = 0; i < ids.size() && !MustRenew(); ++i) {
    PartitionReader& reader = readers_.at(ids[i]);
    advanced += ReadEntries(ids[i], reader, lists[i]);
    behind = behind || lists[i].size() >= static_cast<size_t>(options_.batch) ||
             reader.IsDelayed(options_.clock->Now());
    if (IsIncomplete(ids[i], reader, lists[i], heads)) incomplete.push_back(ids[i]);
  }
  if (!behind && incomplete.empty() && !MustRenew()) {
    caught_up_.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
  }
  return advanced + ReplayAll(incomplete);
}

// Leaves readers_ as the database has them.
absl::Status Consumer::Renew() {
  std::vector<std::string> producers;
  for (const auto& [producer, feed] : feeds_) producers.push_back(producer);
  ASSIGN_OR_RETURN(std::vector<HeldPartition> held, inbox_.Renew(NewCall(), producers));
  std::map<PartitionId, PartitionReader> readers;
  for (HeldPartition& partition : held) {
    PartitionReader reader = readers_[partition.id];
    reader.Reload(partition.epoch, std::move(partition.cursor), partition.failures);
    readers.emplace(std::move(partition.id), std::move(reader));
  }
  readers_ = std::move(readers);
  renewal_.Take(options_.clock->Now());
  stale_ = false;
  return absl::OkStatus();
}

// Applies what follows without a gap.
int Consumer::ReadEntries(const PartitionId& id, PartitionReader& reader,
                          const std::vector<redis::StreamEntry>& entries) {
  int advanced = 0;
  for (const redis::StreamEntry& entry : entries) {
    v1::Envelope event;
    // What can't be read here is as good as missing: the outbox has it.
    const bool readable = event.ParseFromString(entry.value) && event.sequence() == entry.sequence;
    const Step step = readable ? reader.OnEvent(event.incarnation(), event.sequence()) : Step::kReplay;
    if (step == Step::kSkip) continue;
    if (step == Step::kReplay || MustRenew() || !Advance(id, reader, event)) break;
    ++advanced;
  }
  return advanced;
}

// Whether the stream has less than there is: it shows a later event than the next one, or nothing where
// the producer has put something before.
bool Consumer::IsIncomplete(const PartitionId& id, const PartitionReader& reader,
                            const std::vector<redis::StreamEntry>& entries, const HeadsOf& heads) const {
  if (stale_ || reader.IsDelayed(options_.clock->Now())) return false;
  if (!entries.empty()) return reader.StoppedShortOf(entries.back().sequence);
  auto known = heads.find(id.producer);
  if (known == heads.end() || id.partition >= known->second.sequences_size()) return false;
  return reader.TailIsLost(known->second.incarnation(), known->second.sequences(id.partition));
}

// After everything that the streams had: a producer that hangs delays nobody else's events. Each round
// begins with another partition, so that it doesn't keep the others from their replay either.
int Consumer::ReplayAll(std::vector<PartitionId> incomplete) {
  if (incomplete.empty()) return 0;
  std::rotate(incomplete.begin(),
              incomplete.begin() + static_cast<ptrdiff_t>(rotation_++ % incomplete.size()), incomplete.end());
  int advanced = 0;
  for (const PartitionId& id : incomplete) {
    if (!MustRenew()) advanced += Replay(id, readers_.at(id));
  }
  return advanced;
}

int Consumer::Replay(const PartitionId& id, PartitionReader& reader) {
  int advanced = 0;
  while (!MustRenew()) {
    const Cursor before = reader.cursor();
    absl::StatusOr<int> replayed = ReplayPage(id, reader);
    if (replayed.ok()) {
      advanced += *replayed;
    } else {
      log::Warning("replay failed", {{"producer", id.producer},
                                     {"partition", id.partition},
                                     {"code", absl::StatusCodeToString(replayed.status().code())},
                                     {"reason", ReasonOf(replayed.status())}});
    }
    if (!replayed.ok() || reader.cursor() == before) {
      // No answer, the head, or an event that fails: its own delay stands.
      if (!reader.IsDelayed(options_.clock->Now())) reader.Delay(options_.clock->Now());
      break;
    }
  }
  return advanced;
}

// Applies the next page of the producer's outbox, or first puts the cursor where that begins.
absl::StatusOr<int> Consumer::ReplayPage(const PartitionId& id, PartitionReader& reader) {
  v1::ReplayEventsRequest request;
  request.set_partition(static_cast<uint32_t>(id.partition));
  request.set_from_sequence(reader.cursor().watermark + 1);
  auto response = feeds_.at(id.producer)->ReplayEvents(NewCall(), request);
  Cursor begin = reader.cursor();
  if (ReasonOf(response.status()) == "EVENTS_EXPIRED") {
    ASSIGN_OR_RETURN(begin, BeginOfOutbox(id, reader, response.status()));
  } else if (!response.ok()) {
    return response.status();
  } else {
    begin = reader.OnFeed(response->incarnation(), absl::nullopt);
  }
  if (begin != reader.cursor()) {
    RETURN_IF_ERROR(inbox_.Move(NewCall(), id, reader, begin));
    reader.Reload(reader.epoch(), begin);
    return 0;
  }
  int advanced = 0;
  for (const v1::Envelope& event : response->events()) {
    if (reader.OnEvent(event.incarnation(), event.sequence()) != Step::kApply) {
      return Error(absl::StatusCode::kInternal, "FEED_NOT_DENSE", "the producer's outbox has a hole");
    }
    if (MustRenew() || !Advance(id, reader, event)) break;
    replayed_total_.Increment();
    ++advanced;
  }
  return advanced;
}

// For a consumer that had begun before it is a loss.
absl::StatusOr<Cursor> Consumer::BeginOfOutbox(const PartitionId& id, const PartitionReader& reader,
                                               const absl::Status& expired) {
  int64_t first = 0;
  if (!absl::SimpleAtoi(MetadataOf(expired, "first_sequence"), &first)) return expired;
  Cursor begin = reader.OnFeed(MetadataOf(expired, "incarnation"), first);
  if (begin.incarnation == reader.cursor().incarnation && reader.cursor().watermark > 0) {
    log::Error("events were pruned before they were read",
               {{"producer", id.producer}, {"partition", id.partition}, {"first_sequence", first}});
  }
  return begin;
}

// True when the event after the watermark was applied or parked; else its partition stops here.
bool Consumer::Advance(const PartitionId& id, PartitionReader& reader, const v1::Envelope& event) {
  trace::Span span = SpanOf(event);
  absl::Status status = inbox_.Apply(CallFor(event, span.context()), id, reader, event);
  span.SetStatus(status, /*failed=*/true);
  span.End();
  if (!status.ok()) {
    failures_total_.Increment();
    log::Warning("event not applied", {{"event_id", event.event_id()},
                                       {"type", event.type()},
                                       {"code", absl::StatusCodeToString(status.code())},
                                       {"reason", ReasonOf(status)},
                                       {"trace_id", span.context().trace_id()}});
    const Verdict verdict = reader.OnFailure(status, options_.clock->Now());
    if (verdict == Verdict::kReload) stale_ = true;
    if (verdict == Verdict::kRetryLater && reader.failures() > 0) {
      inbox_.NoteFailures(NewCall(), id, reader).IgnoreError();  // a count that is lost costs one more try
    }
    if (verdict != Verdict::kPark) return false;
    if (!inbox_.Park(NewCall(), id, reader, event, status).ok()) {
      stale_ = true;
      return false;
    }
    parked_total_.Increment();
  }
  reader.Advance();
  applied_total_.Increment();
  return true;
}

void Consumer::Redrive() {
  absl::StatusOr<std::vector<RedrivenEvent>> list = inbox_.ListRedriven(NewCall());
  if (!list.ok()) return;
  for (const RedrivenEvent& redriven : *list) {
    auto reader = readers_.find(redriven.id);
    if (reader == readers_.end()) continue;
    trace::Span span = SpanOf(redriven.event);
    absl::Status status = inbox_.Redrive(CallFor(redriven.event, span.context()), reader->second, redriven);
    span.SetStatus(status, /*failed=*/true);
    span.End();
    if (status.ok()) {
      redrive_ = Timer(absl::Seconds(1));  // what waits behind it is next
    } else if (!IsPassing(status)) {
      inbox_.KeepParked(NewCall(), redriven, status).IgnoreError();
    }
  }
}

// One replica reports for all of them: the one that reads the first partition.
void Consumer::Acknowledge() {
  for (const auto& [producer, feed] : feeds_) {
    if (!readers_.contains({producer, 0})) continue;
    absl::StatusOr<v1::AckEventsRequest> request = inbox_.Watermarks(NewCall(), producer);
    if (!request.ok() || request->incarnation().empty()) continue;
    request->set_consumer(options_.consumer);
    feed->AckEvents(NewCall(), *request).IgnoreError();  // only delays pruning
  }
}

void Consumer::CountDeadLetters() {
  const absl::StatusOr<int64_t> count = inbox_.CountParked(NewCall());
  if (count.ok()) dead_letters_.Set(static_cast<double>(*count));
}

Call Consumer::NewCall() const {
  return Call::Background("events.Consumer", absl::Now() + kCallTimeout);
}

}  // namespace arasta::events
