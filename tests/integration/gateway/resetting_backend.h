// A backend that resets every call and says nothing of its health: how one goes away that gave no notice.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "tests/support/loopback.h"

namespace arasta::gateway {

// Serves one connection.
class ResettingBackend {
 public:
  explicit ResettingBackend(uint32_t error_code);
  ~ResettingBackend();

  int port() const { return listener_.port; }
  // Of calls other than for its health.
  int resets() const { return resets_; }

 private:
  friend struct ResettingBackendCallbacks;

  void Serve();

  const uint32_t error_code_;
  const testing::LoopbackListener listener_;
  std::atomic<int> connection_ = -1;
  std::atomic<int> resets_ = 0;
  std::thread thread_;
};

}  // namespace arasta::gateway
