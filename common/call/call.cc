#include "common/call/call.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace arasta {

Call::Call(Options options) : options_(std::move(options)) {}

Call Call::Background(absl::string_view method, absl::Time deadline) {
  return Call({.deadline = deadline, .method = std::string(method)});
}

Call Call::ForTest(auth::Principal principal, absl::string_view peer) {
  return Call({.principal = std::move(principal),
               .peer = std::string(peer),
               .deadline = absl::Now() + absl::Seconds(30),
               .request_id = "test-request",
               .method = "test"});
}

absl::Duration Call::Remaining() const {
  return std::max(options_.deadline - absl::Now(), absl::ZeroDuration());
}

bool Call::Cancelled() const {
  if (options_.cancelled != nullptr && options_.cancelled->load(std::memory_order_relaxed)) return true;
  return absl::Now() >= options_.deadline;
}

const std::string* Call::Metadata(absl::string_view key) const {
  const auto found = options_.metadata.find(key);
  return found == options_.metadata.end() ? nullptr : &found->second;
}

Call Call::WithDeadline(absl::Time deadline) const {
  Call call = *this;
  call.options_.deadline = std::min(deadline, options_.deadline);
  return call;
}

Call Call::Under(const trace::Context& span) const {
  Call call = *this;
  call.options_.trace = span;
  return call;
}

}  // namespace arasta
