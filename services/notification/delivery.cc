#include "services/notification/delivery.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace arasta::notification {
namespace {

// In the order of the enumerations.
const auto& kStates =
    *new std::array<std::string, 10>{"accepted", "queued",     "sending",    "sent",    "delivered",
                                     "bounced",  "complained", "suppressed", "expired", "dead"};
const auto& kOutcomes = *new std::array<std::string, 4>{"unknown", "sent", "transient", "permanent"};

template <typename Enum, size_t size>
Enum ValueOf(const std::array<std::string, size>& texts, absl::string_view text) {
  for (size_t i = 0; i < size; ++i) {
    if (texts[i] == text) return static_cast<Enum>(i);
  }
  std::fputs(absl::StrCat("the schema knows no such word: ", text, "\n").c_str(), stderr);
  std::abort();
}

}  // namespace

const std::string& TextOf(DeliveryState state) {
  return kStates[static_cast<size_t>(state)];
}

const std::string& TextOf(AttemptOutcome outcome) {
  return kOutcomes[static_cast<size_t>(outcome)];
}

DeliveryState DeliveryStateOf(absl::string_view text) {
  return ValueOf<DeliveryState>(kStates, text);
}

AttemptOutcome AttemptOutcomeOf(absl::string_view text) {
  return ValueOf<AttemptOutcome>(kOutcomes, text);
}

}  // namespace arasta::notification
