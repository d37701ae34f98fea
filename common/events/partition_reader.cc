#include "common/events/partition_reader.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/base/seeded_bug.h"

namespace arasta::events {

bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsResourceExhausted(status) ||
         absl::IsCancelled(status);
}

Step PartitionReader::OnEvent(absl::string_view incarnation, int64_t sequence) const {
  if (incarnation != cursor_.incarnation) return Step::kReplay;
  if (sequence <= cursor_.watermark) return Step::kSkip;
  return sequence == cursor_.watermark + 1 || SeededBug("gap_check_off") ? Step::kApply : Step::kReplay;
}

bool PartitionReader::TailIsLost(absl::string_view head_incarnation, int64_t head) const {
  return head_incarnation != cursor_.incarnation || head > cursor_.watermark;
}

// What is left is where a new consumer begins, and one that met a new incarnation.
Cursor PartitionReader::OnFeed(absl::string_view incarnation, absl::optional<int64_t> first_left) const {
  if (first_left) return {std::string(incarnation), *first_left - 1};
  if (incarnation != cursor_.incarnation) return {std::string(incarnation), 0};
  return cursor_;
}

void PartitionReader::Advance() {
  ++cursor_.watermark;
  failures_ = delays_ = 0;
  retry_time_ = absl::InfinitePast();
}

void PartitionReader::Reload(int64_t epoch, Cursor cursor, int failures) {
  if (cursor_ != cursor) *this = PartitionReader(epoch, std::move(cursor));
  epoch_ = epoch;
  failures_ = std::max(failures_, failures);
}

Verdict PartitionReader::OnFailure(const absl::Status& status, absl::Time now) {
  const std::string reason = ReasonOf(status);
  if (reason == "LEASE_LOST" || reason == "COMMIT_IN_DOUBT") return Verdict::kReload;
  if (!IsPassing(status) && ++failures_ >= kMaxFailures) return Verdict::kPark;
  Delay(now);
  return Verdict::kRetryLater;
}

void PartitionReader::Delay(absl::Time now) {
  delays_ = std::min(delays_ + 1, 16);
  retry_time_ = now + std::min(kFirstDelay * (1 << (delays_ - 1)), kMaxDelay);
}

bool PartitionReader::IsDelayed(absl::Time now) const {
  return now < retry_time_ && retry_time_ - now <= kMaxDelay;
}

}  // namespace arasta::events
