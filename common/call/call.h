// What every function on a call's path is given first: who calls, until when, and under which trace.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/principal.h"
#include "common/trace/trace.h"

namespace arasta {

// A value; copies share the cancelled flag. Thread-safe to read.
class Call {
 public:
  using MetadataMap = absl::flat_hash_map<std::string, std::string>;
  struct Options {
    auth::Principal principal = {};
    std::string peer = {};
    absl::Time deadline = absl::InfiniteFuture();
    // What begins nowhere is recorded nowhere.
    trace::Context trace = trace::Context::NewUnsampled();
    std::string request_id = {};
    std::string method = {};
    MetadataMap metadata = {};
    std::shared_ptr<const std::atomic<bool>> cancelled = {};
  };

  explicit Call(Options options);

  // For jobs and consumers: nobody's, under a trace of its own that is not recorded.
  static Call Background(absl::string_view method, absl::Time deadline);
  // For tests: 30 s, as if come through `peer`.
  static Call ForTest(auth::Principal principal, absl::string_view peer = "gateway");

  const auth::Principal& principal() const { return options_.principal; }
  // The calling process, "order" for spiffe://arasta/order; empty where there is none.
  const std::string& peer() const { return options_.peer; }
  absl::Time deadline() const { return options_.deadline; }
  // What is left until the deadline, never negative.
  absl::Duration Remaining() const;
  const trace::Context& trace() const { return options_.trace; }
  const std::string& request_id() const { return options_.request_id; }
  // "arasta.order.v1.OrderService/PlaceOrder".
  const std::string& method() const { return options_.method; }
  // True once the client has gone or the deadline has passed: what is begun may stop.
  bool Cancelled() const;
  // A header, by its lower-case name; null where the client sent none.
  const std::string* Metadata(absl::string_view key) const;

  // The same call with less time: a step that must leave some for the next one.
  Call WithDeadline(absl::Time deadline) const;
  // The same call under a span of it.
  Call Under(const trace::Context& span) const;

 private:
  Options options_;
};

}  // namespace arasta
