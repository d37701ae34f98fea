// Which message an event means to whom. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "arasta/events/v1/events.pb.h"
#include "nlohmann/json.hpp"

namespace arasta::notification {

// What is accepted in one transaction, before anybody's address is known.
struct NewNotification {
  // Together with the recipient they make it once only.
  std::string producer{};
  std::string idempotency_key{};
  // "users/…" or "guests/…".
  std::string recipient{};
  // Name of a MessageTemplate.
  std::string message{};
  // The resource it is about; may be empty.
  std::string subject{};
  // The language to write in where the recipient has not chosen one; may be empty.
  std::string locale{};
  nlohmann::json variables{};
};

// nullopt: the event is of no interest to customers. INVALID_ARGUMENT: the payload is not what its
// type says.
absl::StatusOr<absl::optional<NewNotification>> MessageFor(const arasta::events::v1::Envelope& event);

}  // namespace arasta::notification
