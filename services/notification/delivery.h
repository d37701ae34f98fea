// A delivery: one notification on its way over one channel. Plain values; the legal moves between the
// states are the database's to enforce (migrations/0001).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "nlohmann/json.hpp"
#include "services/notification/message_template.h"

namespace arasta::notification {

enum class DeliveryState {
  kAccepted,
  kQueued,
  kSending,
  kSent,
  kDelivered,
  kBounced,
  kComplained,
  kSuppressed,
  kExpired,
  kDead,
};

enum class AttemptOutcome { kUnknown, kSent, kTransient, kPermanent };

// As the tables spell them: "accepted", "transient".
const std::string& TextOf(DeliveryState state);
const std::string& TextOf(AttemptOutcome outcome);
// Of a column; dies on a word the schema's constraints rule out.
DeliveryState DeliveryStateOf(absl::string_view text);
AttemptOutcome AttemptOutcomeOf(absl::string_view text);

// How one try to hand a message to a provider ended.
struct AttemptResult {
  AttemptOutcome outcome = AttemptOutcome::kUnknown;
  // The provider's; 0 where there was no answer.
  int code = 0;
  // In our words: the provider's own may hold the address.
  std::string reason = {};
  absl::Duration latency = {};
};

// What a sender holds until its lease ends.
struct ClaimedDelivery {
  Uuid id;
  int64_t epoch = 0;
  DeliveryState state = DeliveryState::kAccepted;
  bool expired = false;
  int attempt = 0;
  int failures = 0;
  Uuid notification;
  std::string traceparent;
  std::string recipient;
  std::string message_template;
  std::string subject;
  std::string locale;
  nlohmann::json variables;
  // Empty while accepted.
  std::string address;
  std::string message;
};

struct Attempt {
  int number = 0;
  std::string provider;
  AttemptResult result;
  absl::Time start_time;
};

// A row of the delivery log.
struct LoggedDelivery {
  Uuid id;
  Uuid notification;
  std::string recipient;
  std::string channel;
  Category category = Category::kTransactional;
  std::string message_template;
  std::string subject;
  DeliveryState state = DeliveryState::kAccepted;
  std::string reason;
  absl::Time create_time;
  absl::Time update_time;
  absl::Time expire_time;
  // Only while it waits for an attempt.
  std::optional<absl::Time> next_attempt_time;
  std::vector<Attempt> attempts;
};

}  // namespace arasta::notification
