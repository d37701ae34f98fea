#include "common/redis/subscriber.h"

#include <stop_token>
#include <utility>

#include "common/base/mutex.h"

namespace arasta::redis {
namespace {

constexpr absl::Duration kRetry = absl::Milliseconds(200);
constexpr absl::Duration kPoll = absl::Milliseconds(100);  // how soon a stop request is noticed

}  // namespace

Subscriber::Subscriber(Options options, std::vector<std::string> channels, OnMessage on_message,
                       std::function<void()> on_connect)
    : options_(std::move(options)),
      channels_(std::move(channels)),
      on_message_(std::move(on_message)),
      on_connect_(std::move(on_connect)),
      thread_([this](std::stop_token stop) { Run(stop); }) {}

void Subscriber::Run(std::stop_token stop) {
  Mutex mutex;
  CondVar never;
  while (!stop.stop_requested()) {
    Listen(stop);
    MutexLock lock(mutex);
    never.WaitFor(mutex, stop, kRetry, [] { return false; });
  }
}

void Subscriber::Listen(std::stop_token stop) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(options_);
  if (!connection.ok()) return;
  Args subscribe = {"SUBSCRIBE"};
  subscribe.insert(subscribe.end(), channels_.begin(), channels_.end());
  if (!(*connection)->Pipeline(options_.connect_timeout, {subscribe}).ok()) return;
  on_connect_();
  while (!stop.stop_requested()) {
    absl::StatusOr<Reply> push = (*connection)->NextPush(kPoll);
    if (!push.ok()) return;
    // ["message", channel, payload]; the confirmations of the other channels are of another kind.
    if (push->elements.size() == 3 && push->elements[0].text == "message") {
      on_message_(push->elements[1].text, push->elements[2].text);
    }
  }
}

}  // namespace arasta::redis
