// What a backend says of itself over one of our connections to it: grpc.health.v1's Watch, a call of our own.
#pragma once

#include <functional>
#include <string>

#include "services/gateway/back_call.h"

namespace arasta::gateway {

class HealthWatch final : public BackCall {
 public:
  // `on_word`: the backend has said whether it serves. `on_end`: it ended the watch, though it knows what one
  // is.
  HealthWatch(std::function<void()> on_word, std::function<void()> on_end);

  static HeaderBlock Head(absl::string_view authority);

  // The last it said. One that says nothing, as many cannot, is taken to serve.
  bool serving() const { return serving_; }

 private:
  void OnTaken(size_t) override {}
  void OnHead(HeaderBlock&) override {}
  void OnData(absl::string_view bytes) override;
  void OnTrailers(HeaderBlock& trailers) override;
  void OnBroken(const absl::Status& status, Again again) override;

  void End(absl::StatusCode code);

  const std::function<void()> on_word_;
  const std::function<void()> on_end_;
  std::string received_;  // less than a message
  bool serving_ = true;
};

}  // namespace arasta::gateway
