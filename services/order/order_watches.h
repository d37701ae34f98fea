// Streams of orders' history. They idle without a worker: one thread reads what commits of this process
// announce, and looks for other replicas' every second, in one query for all.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "arasta/order/v1/order_service.pb.h"
#include "common/base/mutex.h"
#include "common/rpc/stream.h"
#include "services/order/order_store.h"

namespace arasta::order {

// Thread-safe.
class OrderWatches {
 public:
  using Watch = rpc::Watch<v1::WatchOrderResponse>;

  explicit OrderWatches(OrderStore& orders) : orders_(orders) {}

  // Streams the moves of `order` after `after_sequence`, until it is finished. RESOURCE_EXHAUSTED where too
  // many watch.
  absl::Status Add(const Order& order, int64_t after_sequence, Watch watch);

  // The order has moved: its watchers hear of it now.
  void Changed(const OrderId& id);

  // Writes what is new of all watched orders.
  void RunOnce();

  // Runs until destruction.
  void Start();

 private:
  // One stream. `sequence` is the delivering thread's alone.
  struct Stream {
    OrderId id;
    int64_t sequence;
    Watch watch;
    std::shared_ptr<std::atomic<bool>> ended;
  };
  using Streams = std::vector<std::shared_ptr<Stream>>;

  void Run(std::stop_token stop);
  // The live streams, or those of the orders that changed.
  Streams Collect(bool all);
  void Deliver(const Streams& streams);

  OrderStore& orders_;
  Mutex mutex_;
  CondVar changed_condition_;
  Streams streams_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<OrderId> changed_ ABSL_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace arasta::order
