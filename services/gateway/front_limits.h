// What one client may have of a worker, and all of them together.
#pragma once

#include <cstddef>
#include <cstdint>

namespace arasta::gateway {

struct FrontLimits {
  uint32_t max_connections = 10'000;
  uint32_t max_streams = 1000;            // per connection
  uint32_t max_header_bytes = 16 * 1024;  // per request
  size_t max_buffered_bytes = 256 << 20;  // of all calls; beyond, new ones are turned away
  int64_t head_timeout_ns = 10'000'000'000;
  int64_t idle_timeout_ns = 300'000'000'000;
  int64_t answer_stall_ns = 60'000'000'000;  // a complete answer, or a socket, of which nothing is taken
  int64_t last_request_ns = 1'000'000'000;   // for who has not been told that we drain
};

}  // namespace arasta::gateway
