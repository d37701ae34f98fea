// What a reader of one partition decides: a pure state machine over what it is shown and the clock. The
// consumer owns the transports and the store.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace arasta::events {

// How far a consumer is: everything up to and including `watermark` has been applied or parked.
struct Cursor {
  std::string incarnation;  // the producer's; empty before the first event
  int64_t watermark = 0;

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// The time is wrong rather than the event: a peer or the database is away or busy.
bool IsPassing(const absl::Status& status);

enum class Step {
  kApply,   // the next one
  kSkip,    // seen before
  kReplay,  // something is missing, or the producer is a new incarnation: its outbox has to say
};

enum class Verdict {
  kRetryLater,  // leave it at the head of its partition
  kPark,        // put it into dead letters and go on
  kReload,      // another replica has taken over, or the outcome is unknown: look the cursor up
};

// One partition of one producer. A value.
class PartitionReader {
 public:
  static constexpr int kMaxFailures = 5;
  static constexpr absl::Duration kFirstDelay = absl::Milliseconds(100);
  static constexpr absl::Duration kMaxDelay = absl::Seconds(5);

  PartitionReader() = default;
  PartitionReader(int64_t epoch, Cursor cursor) : epoch_(epoch), cursor_(std::move(cursor)) {}

  // What to do with an event that the stream or the feed shows.
  Step OnEvent(absl::string_view incarnation, int64_t sequence) const;

  // Whether a stream that shows nothing after the watermark has lost something, given what the producer
  // said *before* the stream was read to be in it.
  bool TailIsLost(absl::string_view head_incarnation, int64_t head) const;

  // Whether a stream that showed everything up to `last_shown` has kept back what comes before that.
  bool StoppedShortOf(int64_t last_shown) const { return cursor_.watermark < last_shown; }

  // Where to read on in the producer's outbox, which answered as `incarnation`: at another place than the
  // cursor where that is a new one, or where only what begins with `first_left` has not been pruned.
  Cursor OnFeed(absl::string_view incarnation, absl::optional<int64_t> first_left) const;

  // The event after the watermark was applied or parked.
  void Advance();

  // The lease and the cursor as the database has them, and how often the event after it has failed. Delays
  // go on only while the cursor stands still.
  void Reload(int64_t epoch, Cursor cursor, int failures = 0);

  // What follows from a failure to apply the event after the watermark.
  Verdict OnFailure(const absl::Status& status, absl::Time now);

  // The partition's source did not answer or had nothing: ask again later.
  void Delay(absl::Time now);

  // Whether a delay is still running. A clock that was set back can't prolong one.
  bool IsDelayed(absl::Time now) const;

  int64_t epoch() const { return epoch_; }
  const Cursor& cursor() const { return cursor_; }
  int failures() const { return failures_; }

 private:
  int64_t epoch_ = 0;
  Cursor cursor_;
  int failures_ = 0;  // that are the event's own fault
  int delays_ = 0;
  absl::Time retry_time_ = absl::InfinitePast();
};

}  // namespace arasta::events
