// Listens on pub/sub channels in a thread of its own, for as long as the object lives.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/redis/redis.h"

namespace arasta::redis {

class Subscriber {
 public:
  // Called on the subscriber's thread; must not block. Messages are hints: any may be lost.
  using OnMessage = std::function<void(const std::string& channel, const std::string& message)>;

  // Reconnects for ever, every `retry`. `on_connect` is called after each successful subscription.
  Subscriber(
      Options options, std::vector<std::string> channels, OnMessage on_message,
      std::function<void()> on_connect = [] {});

 private:
  void Run(std::stop_token stop);
  void Listen(std::stop_token stop);

  const Options options_;
  const std::vector<std::string> channels_;
  const OnMessage on_message_;
  const std::function<void()> on_connect_;
  std::jthread thread_;
};

}  // namespace arasta::redis
