#include "services/order/order_watches.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/log/log.h"
#include "services/order/order_proto.h"

namespace arasta::order {
namespace {

constexpr size_t kMaxStreams = 10000;
constexpr absl::Duration kLookEvery = absl::Seconds(1);
constexpr absl::Duration kQueryDeadline = absl::Seconds(2);
constexpr size_t kOrdersPerQuery = 500;

}  // namespace

absl::Status OrderWatches::Add(const Order& order, int64_t after_sequence, Watch watch) {
  if (Finished(order.state, order.payment.state) && after_sequence >= order.version) {
    watch.Finish(absl::OkStatus());
    return absl::OkStatus();
  }
  auto ended = std::make_shared<std::atomic<bool>>(false);
  watch.OnCancel([ended] { ended->store(true); });
  auto stream =
      std::make_shared<Stream>(Stream{order.id, after_sequence, std::move(watch), std::move(ended)});
  MutexLock lock(mutex_);
  if (streams_.size() >= kMaxStreams) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHES", "too many streams");
  }
  streams_.push_back(std::move(stream));
  changed_.insert(order.id);
  changed_condition_.NotifyOne();
  return absl::OkStatus();
}

void OrderWatches::Changed(const OrderId& id) {
  MutexLock lock(mutex_);
  if (streams_.empty()) return;
  changed_.insert(id);
  changed_condition_.NotifyOne();
}

void OrderWatches::RunOnce() {
  Deliver(Collect(/*all=*/true));
}

void OrderWatches::Start() {
  thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

void OrderWatches::Run(std::stop_token stop) {
  absl::Time next_look = absl::Now();
  while (!stop.stop_requested()) {
    {
      MutexLock lock(mutex_);
      auto has_changed = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !changed_.empty(); };
      changed_condition_.WaitFor(mutex_, stop, next_look - absl::Now(), has_changed);
    }
    const bool look = absl::Now() >= next_look;
    if (look) next_look = absl::Now() + kLookEvery;
    Deliver(Collect(look));
  }
}

OrderWatches::Streams OrderWatches::Collect(bool all) {
  MutexLock lock(mutex_);
  std::erase_if(streams_, [](const auto& stream) { return stream->ended->load(); });
  Streams collected;
  for (const auto& stream : streams_) {
    if (all || changed_.contains(stream->id)) collected.push_back(stream);
  }
  changed_.clear();
  return collected;
}

void OrderWatches::Deliver(const Streams& streams) {
  for (size_t begin = 0; begin < streams.size(); begin += kOrdersPerQuery) {
    const size_t end = std::min(streams.size(), begin + kOrdersPerQuery);
    std::vector<HistoryPosition> positions;
    for (size_t i = begin; i < end; ++i) positions.push_back({streams[i]->id, streams[i]->sequence});
    const absl::StatusOr<std::vector<std::vector<HistoryEntry>>> news =
        orders_.HistoryAfter(Call::Background("order.Watches", absl::Now() + kQueryDeadline), positions);
    if (!news.ok()) {
      log::Warning("no news for watches", {{"code", absl::StatusCodeToString(news.status().code())}});
      return;
    }
    for (size_t i = begin; i < end; ++i) {
      Stream& stream = *streams[i];
      for (const HistoryEntry& entry : (*news)[i - begin]) {
        v1::WatchOrderResponse response;
        *response.mutable_entry() = ToProto(entry);
        stream.watch.Write(std::move(response));
        stream.sequence = entry.sequence;
        if (Finished(entry.state, entry.payment)) stream.watch.Finish(absl::OkStatus());
      }
    }
  }
}

}  // namespace arasta::order
