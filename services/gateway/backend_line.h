// One of a Backend's connections, or the pause before the next attempt at it.
#pragma once

#include <memory>

#include "services/gateway/back_connection.h"
#include "services/gateway/backend.h"
#include "services/gateway/health_watch.h"

namespace arasta::gateway {

struct Backend::Line {
  enum class Role {
    kLasting,
    kExtra,   // there as long as there are so many calls
    kFormer,  // not wanted any more; serves until one that is wanted does, and always has a connection
  };

  Line(Backend& backend, const SocketAddress& to, uint64_t at)
      : address(to), place(at), timer([this, &backend] { backend.OnTimer(*this); }) {}

  const SocketAddress address;
  // The same for all connections to an address, and never again for another.
  const uint64_t place;
  std::unique_ptr<BackConnection> connection;
  // From when the connection is ready.
  std::unique_ptr<HealthWatch> health;
  // Ends a connect that takes too long, or the pause before another, or before health is asked for again.
  Timer timer;
  Role role = Role::kLasting;
  int64_t pause_ns = 0;
  int64_t ejected_until_ns = 0;
  int64_t ejection_ns = 0;
};

}  // namespace arasta::gateway
