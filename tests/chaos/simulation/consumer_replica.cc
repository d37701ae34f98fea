#include "tests/chaos/simulation/consumer_replica.h"

#include <utility>

namespace arasta::simulation {
namespace {

constexpr absl::Duration kBlock = absl::Milliseconds(200);
constexpr absl::Duration kStep = absl::Milliseconds(1);
constexpr size_t kBatch = 4;

}  // namespace

void ConsumerReplica::Boot() {
  readers_.clear();
  stale_ = true;
  renewal_ = events::Timer(jobs::kRenewInterval);
  heads_.reset();
  Round();
}

void ConsumerReplica::Round() {
  works_.clear();
  if (MustRenew() && !Renew().ok()) return EndRound();
  if (ack_.Take(process_.Now())) {
    for (const auto& [partition, reader] : readers_) outbox_.OnAck(partition, reader.cursor());
  }
  process_.Then(kStep, [this] { ReadStreams(); });
}

absl::Status ConsumerReplica::Renew() {
  absl::StatusOr<std::vector<Held>> held = inbox_.Renew(process_);
  if (!held.ok()) return held.status();
  std::map<int, events::PartitionReader> readers;
  for (const Held& partition : *held) {
    events::PartitionReader reader = readers_[partition.partition];
    reader.Reload(partition.epoch, partition.cursor, partition.failures);
    readers.emplace(partition.partition, std::move(reader));
  }
  readers_ = std::move(readers);
  renewal_.Take(process_.Now());
  stale_ = false;
  return absl::OkStatus();
}

void ConsumerReplica::ReadStreams() {
  const absl::optional<Heads> heads = heads_;
  for (const auto& [partition, reader] : readers_) {
    if (reader.IsDelayed(process_.Now())) continue;
    const auto entries = streams_.Read(partition, reader.cursor().watermark, kBatch);
    if (!entries.ok()) return EndRound();
    Work work{.partition = partition, .entries = {entries->begin(), entries->end()}, .heads = heads};
    if (!entries->empty()) work.last_shown = entries->back().sequence;
    works_.push_back(std::move(work));
  }
  process_.Then(kStep, [this] { GoOn(); });
}

// One entry, or the end of a partition's.
void ConsumerReplica::GoOn() {
  if (works_.empty() || MustRenew()) return EndRound();
  Work& work = works_.front();
  if (!work.entries.empty()) return Take(work);
  const Work done = std::move(work);
  works_.pop_front();
  if (done.from_feed || IsIncomplete(done)) return Replay(done.partition);
  GoOn();
}

void ConsumerReplica::Take(Work& work) {
  const Event event = work.entries.front();
  work.entries.pop_front();
  events::PartitionReader& reader = readers_.at(work.partition);
  events::Step step = reader.OnEvent(event.incarnation, event.sequence);
  if (step == events::Step::kReplay && world_.Has(Bug::kNoGapCheck) &&
      event.incarnation == reader.cursor().incarnation) {
    const events::Cursor beyond{event.incarnation, event.sequence - 1};
    if (inbox_.Move(work.partition, reader, beyond).ok()) {
      reader.Reload(reader.epoch(), beyond);
      step = events::Step::kApply;
    }
  }
  if (step == events::Step::kSkip) return GoOn();
  if (step == events::Step::kReplay) {
    work.entries.clear();
    return GoOn();
  }
  Apply(work.partition, event, [this](bool advanced) {
    if (!advanced) works_.front().entries.clear();
    process_.Then(kStep, [this] { GoOn(); });
  });
}

bool ConsumerReplica::IsIncomplete(const Work& work) const {
  const events::PartitionReader& reader = readers_.at(work.partition);
  if (stale_ || reader.IsDelayed(process_.Now())) return false;
  if (work.last_shown > 0) {
    return reader.StoppedShortOf(work.last_shown) && !world_.Has(Bug::kNoGapCheck);
  }
  if (!work.heads || world_.Has(Bug::kHeadsIgnored)) return false;
  return reader.TailIsLost(work.heads->incarnation,
                           work.heads->sequences.at(static_cast<size_t>(work.partition)));
}

// A page of the producer's outbox, after which the next is asked for until nothing is new.
void ConsumerReplica::Replay(int partition) {
  events::PartitionReader& reader = readers_.at(partition);
  const events::OutboxState& producer = outbox_.state();
  const bool answers = !world_.Strikes(Fault::kMessageLost, 30);
  const events::Cursor begin = answers ? reader.OnFeed(producer.incarnation, absl::nullopt) : reader.cursor();
  if (begin != reader.cursor()) {
    if (inbox_.Move(partition, reader, begin).ok()) {
      reader.Reload(reader.epoch(), begin);
      works_.push_front({.partition = partition, .from_feed = true});
    } else {
      stale_ = true;
    }
    return process_.Then(kStep, [this] { GoOn(); });
  }
  std::vector<Event> page;
  if (answers) page = outbox_.Replay(partition, reader.cursor().watermark, kBatch);
  if (page.empty()) {
    if (!reader.IsDelayed(process_.Now())) reader.Delay(process_.Now());
  } else {
    works_.push_front({.partition = partition, .entries = {page.begin(), page.end()}, .from_feed = true});
  }
  process_.Then(kStep, [this] { GoOn(); });
}

void ConsumerReplica::Apply(int partition, const Event& event, const Done& done) {
  if (world_.Has(Bug::kWatermarkBeforeEffects) || world_.Has(Bug::kClaimOutsideTransaction)) {
    return ApplyInHalves(partition, event, done);
  }
  OnApplied(partition, event, inbox_.Apply(partition, readers_.at(partition), event), done);
}

void ConsumerReplica::ApplyInHalves(int partition, const Event& event, const Done& done) {
  const events::PartitionReader& reader = readers_.at(partition);
  const bool watermark_first = world_.Has(Bug::kWatermarkBeforeEffects);
  const absl::Status first =
      watermark_first ? inbox_.MoveWatermark(partition, reader, event) : inbox_.Enter(event);
  if (!first.ok() && !absl::IsAlreadyExists(first)) return OnApplied(partition, event, first, done);
  process_.Then(kStep, [this, partition, event, done, watermark_first, first] {
    if (first.ok()) inbox_.TakeEffect(event).IgnoreError();
    absl::Status second;
    if (!watermark_first) second = inbox_.MoveWatermark(partition, readers_.at(partition), event);
    OnApplied(partition, event, second, done);
  });
}

void ConsumerReplica::OnApplied(int partition, const Event& event, const absl::Status& status,
                                const Done& done) {
  events::PartitionReader& reader = readers_.at(partition);
  if (!status.ok()) {
    const events::Verdict verdict = reader.OnFailure(status, process_.Now());
    if (verdict == events::Verdict::kReload) stale_ = true;
    if (verdict == events::Verdict::kRetryLater && reader.failures() > 0) {
      inbox_.NoteFailures(partition, reader).IgnoreError();
    }
    if (verdict != events::Verdict::kPark) return done(false);
    if (!inbox_.Park(partition, reader, event).ok()) {
      stale_ = true;
      return done(false);
    }
  }
  reader.Advance();
  done(true);
}

void ConsumerReplica::EndRound() {
  process_.Then(kBlock, [this] { Round(); });
}

}  // namespace arasta::simulation
