#include "common/events/relay.h"

#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/events/outbox_store.h"
#include "common/events/partition.h"
#include "common/log/log.h"
#include "common/pg/errors.h"
#include "common/pg/transaction.h"
#include "common/redis/stream.h"
#include "common/redis/subscriber.h"
#include "common/trace/span.h"

namespace arasta::events {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(5);
constexpr absl::Duration kPoll = absl::Milliseconds(100);
constexpr absl::Duration kStreamWindow = absl::Minutes(15);

metrics::Counter& CounterOf(const char* name, const char* help, const RelayOptions& options) {
  return metrics::NewCounter(name, help, {{"producer", options.producer}});
}

// The event's way into Redis, under the trace of the call that caused it; its consumers go on from here.
void BeginSpan(v1::Envelope& event, std::vector<trace::Span>& spans) {
  const absl::optional<trace::Context> cause = trace::Context::Parse(event.traceparent());
  if (!trace::IsRecording() || !cause.has_value() || !cause->sampled()) return;
  trace::Span& span = spans.emplace_back(*cause, trace::Kind::kProducer, absl::StrCat("send ", event.type()));
  span.Set("messaging.system", "redis");
  span.Set("messaging.operation.type", "send");
  span.Set("messaging.destination.name", StreamKey(event.producer(), static_cast<int>(event.partition())));
  span.Set("messaging.message.id", event.event_id());
  event.set_traceparent(span.context().ToTraceparent());
}

std::vector<std::string> StreamKeys(const std::string& producer) {
  std::vector<std::string> keys;
  for (int partition = 0; partition < kPartitions; ++partition)
    keys.push_back(StreamKey(producer, partition));
  return keys;
}

}  // namespace

Relay::Relay(pg::Pool& pool, redis::Pool& redis, const Clock& clock, RelayOptions options)
    : pool_(pool),
      redis_(redis),
      clock_(clock),
      options_(std::move(options)),
      published_total_(CounterOf("arasta_events_published_total", "Events put into Redis", options_)),
      rewinds_total_(
          CounterOf("arasta_events_rewinds_total", "Times Redis was found to have lost events", options_)),
      caught_up_(metrics::NewGauge("arasta_events_relay_caught_up_timestamp_seconds",
                                   "When this replica, leading, last had all events of the outbox in Redis",
                                   {{"producer", options_.producer}})) {}

Relay::~Relay() {
  Resign();
}

void Relay::Run(std::stop_token stop) {
  redis::Subscriber subscriber(redis_.options(), {WakeChannel(options_.producer)},
                               [this](const std::string&, const std::string&) {
                                 MutexLock lock(mutex_);
                                 woken_ = true;
                                 condition_.NotifyAll();
                               });
  absl::StatusCode last = absl::StatusCode::kOk;
  bool more = false;
  while (!stop.stop_requested()) {
    const bool pass_on = Await(stop, more ? absl::ZeroDuration() : kPoll);
    const absl::StatusOr<int> published = RunOnce();
    more = published.ok() && *published >= options_.batch;
    const absl::StatusCode code = published.status().code();
    if (code != std::exchange(last, code)) {
      log::Warning("relay", {{"producer", options_.producer},
                             {"code", absl::StatusCodeToString(code)},
                             {"error", published.status().message()}});
    }
    if (pass_on && !leads()) {
      redis_.Command(absl::Now() + kPoll, {"PUBLISH", WakeChannel(options_.producer), ""}).IgnoreError();
    }
  }
  Resign();
}

// Whether this process woke the relay: what came through Redis has reached the leader too.
bool Relay::Await(std::stop_token stop, absl::Duration limit) {
  MutexLock lock(mutex_);
  condition_.WaitFor(mutex_, stop, limit, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return woken_; });
  woken_ = false;
  return std::exchange(pass_on_, false);
}

void Relay::Wake() {
  MutexLock lock(mutex_);
  woken_ = pass_on_ = true;
  condition_.NotifyAll();
}

absl::StatusOr<int> Relay::RunOnce() {
  ASSIGN_OR_RETURN(const bool leads, Lead());
  if (!leads) return 0;
  RETURN_IF_ERROR(StillLeads(Sequence()));
  auto published = Publish();
  if (!published.ok()) {
    publication_.OnError();
    return published;
  }
  const absl::Time now = clock_.Now();
  if (*published < options_.batch) caught_up_.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
  // Due until they are out: rounds that have nothing else for Redis would say that it is back.
  if (heads_.IsDue(now)) {
    RETURN_IF_ERROR(PublishHeads());
    heads_.Take(now);
  }
  if (chores_.Take(now)) {
    RETURN_IF_ERROR(Trim());
    RETURN_IF_ERROR(StillLeads(Prune()));
  }
  return published;
}

// Fenced off, or the database is away and the lock with it. A busy pool is no reason to resign.
absl::Status Relay::StillLeads(const absl::Status& fenced) {
  if (absl::IsAborted(fenced) || absl::IsUnavailable(fenced)) Resign();
  return fenced;
}

// The lock is the session's: it goes with this process, however that ends. Raising the epoch waits for
// a former leader's transaction and refuses its next one.
absl::StatusOr<bool> Relay::Lead() {
  if (lock_) return true;
  if (!attempt_.Take(clock_.Now())) return false;
  ASSIGN_OR_RETURN(pg::Lease lease, pool_.Acquire(kPoll));
  try {
    pqxx::nontransaction session(lease.connection());
    if (!session.exec1("SELECT pg_try_advisory_lock(hashtext('arasta.relay'))")[0].as<bool>()) return false;
    epoch_ = session.exec1("UPDATE outbox_relay SET epoch = epoch + 1 RETURNING epoch")[0].as<int64_t>();
  } catch (const pqxx::pqxx_exception& e) {
    lease.Discard();
    return pg::StatusFrom(e.base());
  }
  lock_.emplace(std::move(lease));
  publication_.OnLead();
  marks_.clear();
  log::Info("relay leads", {{"producer", options_.producer}, {"epoch", epoch_}});
  return true;
}

// A session that can't say so frees its lock by ending.
void Relay::Resign() {
  if (!lock_) return;
  try {
    pqxx::nontransaction(lock_->connection()).exec("SELECT pg_advisory_unlock(hashtext('arasta.relay'))");
  } catch (const pqxx::pqxx_exception&) {
    lock_->Discard();
  }
  lock_.reset();
}

absl::Status Relay::Sequence() {
  auto look = [](pqxx::work& tx) -> absl::StatusOr<bool> { return HasUnsequenced(tx); };
  ASSIGN_OR_RETURN(const bool waiting, pg::ReadOnly(pool_, NewCall(), look));
  if (!waiting && publication_.aligned()) return absl::OkStatus();
  auto sequence = [&](pqxx::work& tx) -> absl::StatusOr<OutboxState> {
    RETURN_IF_ERROR(FenceRelay(tx, epoch_));
    SequenceOutbox(tx, options_.batch);
    return ReadOutboxState(tx);
  };
  ASSIGN_OR_RETURN(OutboxState state, pg::InTransaction(pool_, NewCall(), sequence));
  CrashPoint("relay.after_sequencing");
  publication_.OnOutbox(std::move(state));
  return absl::OkStatus();
}

// Compares what Redis has with what it should have: after a start and after every error, since a Redis
// that comes back may be empty or older.
absl::Status Relay::AlignStreams() {
  const std::vector<std::string> keys = StreamKeys(options_.producer);
  ASSIGN_OR_RETURN(auto last, redis::LastEntries(redis_, absl::Now() + kCallTimeout, keys));
  Sequences sequences;
  std::array<v1::Envelope, kPartitions> events;
  std::array<StreamSide, kPartitions> ends;
  for (int i = 0; i < kPartitions; ++i) {
    if (!events[i].ParseFromString(last[i].value)) events[i].Clear();
    sequences[i] = last[i].sequence;
    ends[i] = {last[i].sequence, events[i].incarnation(), events[i].event_id()};
  }
  auto look = [&](pqxx::work& tx) -> absl::StatusOr<OutboxView> {
    return ViewOutbox(tx, publication_.state().heads, sequences, kStreamWindow);
  };
  ASSIGN_OR_RETURN(const OutboxView view, pg::ReadOnly(pool_, NewCall(), look));
  const std::array<Alignment, kPartitions> found = publication_.Compare(view, ends);
  for (int i = 0; i < kPartitions; ++i) {
    if (found[i].outlived) return Reincarnate();
    if (found[i].forget)
      RETURN_IF_ERROR(redis_.Command(absl::Now() + kCallTimeout, {"DEL", keys[i]}).status());
    if (found[i].rewound) {
      rewinds_total_.Increment();
      log::Warning("Redis has lost events", {{"stream", keys[i]}, {"from", found[i].position + 1}});
      CrashPoint("relay.mid_rewind");
    }
  }
  publication_.OnAligned(found);
  // Redis may have what an answer that was lost, or a crash, kept from being recorded.
  return RecordPublished();
}

// The database is older than what it once published, so sequences will be given again. Consumers that
// meet the new incarnation read the outbox anew and tell events by their ids.
absl::Status Relay::Reincarnate() {
  log::Warning("the database was restored: a new incarnation", {{"producer", options_.producer}});
  RETURN_IF_ERROR(pg::InTransaction(pool_, NewCall(), [&](pqxx::work& tx) -> absl::Status {
    RETURN_IF_ERROR(FenceRelay(tx, epoch_));
    RenewIncarnation(tx);
    return absl::OkStatus();
  }));
  return Error(absl::StatusCode::kAborted, "REINCARNATED", "the streams begin anew");
}

absl::StatusOr<int> Relay::Publish() {
  if (!publication_.aligned()) RETURN_IF_ERROR(AlignStreams());
  int count = 0;
  const OutboxState& state = publication_.state();
  while (!publication_.IsComplete()) {
    auto read = [&](pqxx::work& tx) -> absl::StatusOr<std::vector<v1::Envelope>> {
      return ReadOutbox(tx, options_.producer, state.incarnation, state.published, options_.batch);
    };
    ASSIGN_OR_RETURN(std::vector<v1::Envelope> events, pg::ReadOnly(pool_, NewCall(), read));
    if (events.empty()) break;
    std::vector<redis::Args> commands;
    std::vector<trace::Span> spans;
    for (v1::Envelope& event : events) {
      BeginSpan(event, spans);
      commands.push_back(redis::AddCommand(StreamKey(options_.producer, static_cast<int>(event.partition())),
                                           event.sequence(), event.SerializeAsString()));
    }
    ASSIGN_OR_RETURN(std::vector<redis::Reply> replies,
                     redis_.Pipeline(absl::Now() + kCallTimeout, commands));
    spans.clear();
    CrashPoint("relay.after_xadd");
    for (size_t i = 0; i < events.size(); ++i) {
      // What is there already was added before a crash, or before an answer was lost.
      if (!redis::IsAlreadyThere(replies[i])) RETURN_IF_ERROR(redis::StatusOfReply(replies[i]));
      publication_.OnAdded(static_cast<int>(events[i].partition()), events[i].sequence());
    }
    count += static_cast<int>(events.size());
    published_total_.Increment(static_cast<double>(events.size()));
    CrashPoint("relay.before_watermark");
    RETURN_IF_ERROR(RecordPublished());
  }
  return count;
}

// How far the outbox may be replayed, and by what Redis is later known to have lost something. Never set
// back, so it needn't be fenced.
absl::Status Relay::RecordPublished() {
  return pg::InTransaction(pool_, NewCall(), [&](pqxx::work& tx) {
    SavePublished(tx, publication_.state().published);
    return absl::OkStatus();
  });
}

absl::Status Relay::PublishHeads() {
  v1::Heads heads;
  heads.set_producer(options_.producer);
  heads.set_incarnation(publication_.state().incarnation);
  for (const int64_t sequence : publication_.state().published) heads.add_sequences(sequence);
  return redis_
      .Command(absl::Now() + kCallTimeout,
               {"PUBLISH", HeadsChannel(options_.producer), heads.SerializeAsString()})
      .status();
}

// The streams forget what was added before their window.
absl::Status Relay::Trim() {
  const absl::Time now = clock_.Now();
  if (!marks_.empty() && now < marks_.back().time) marks_.clear();  // the clock was set back
  marks_.push_back({now, publication_.state().published});
  if (now - marks_.front().time < kStreamWindow) return absl::OkStatus();
  while (marks_.size() > 1 && now - marks_[1].time >= kStreamWindow) marks_.pop_front();
  std::vector<redis::Args> commands;
  for (int i = 0; i < kPartitions; ++i) {
    commands.push_back(redis::TrimCommand(StreamKey(options_.producer, i), marks_.front().sequences[i]));
  }
  return redis_.Pipeline(absl::Now() + kCallTimeout, commands).status();
}

// Fenced so that one whose session was cut learns, where nothing happens, that another leads.
absl::Status Relay::Prune() {
  return pg::InTransaction(pool_, NewCall(), [&](pqxx::work& tx) -> absl::Status {
    RETURN_IF_ERROR(FenceRelay(tx, epoch_));
    PruneOutbox(tx, options_.consumers);
    return absl::OkStatus();
  });
}

Call Relay::NewCall() const {
  return Call::Background("events.Relay", absl::Now() + kCallTimeout);
}

}  // namespace arasta::events
