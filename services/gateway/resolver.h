// Names of backends as addresses, looked up again and again in a thread of its own, as a lookup may take
// long. One per process. A name that can't be looked up keeps the addresses that it had.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/socket.h"

namespace arasta::gateway {

// A backend's name, and its "host:port"s.
struct NamedAddresses {
  std::string name;
  std::vector<std::string> addresses;
};

// Thread-safe.
class Resolver {
 public:
  using Lookup = std::function<absl::StatusOr<std::vector<SocketAddress>>(const std::string& host_and_port)>;
  // A backend's addresses as they are now; called in the resolver's thread, at every interval.
  using Tell = std::function<void(const std::string& backend, const std::vector<SocketAddress>& addresses)>;

  Resolver(Lookup lookup, absl::Duration interval, Tell tell);
  // `tell` is not called any more. A lookup that hangs is not waited for.
  ~Resolver();

  // All addresses, in one order whatever order they came in, 256 at most. INVALID_ARGUMENT for what is no
  // "host:port"; UNAVAILABLE for a name that was never known.
  absl::StatusOr<std::vector<SocketAddress>> Resolve(const std::vector<std::string>& addresses);
  // Which backends are told of from now on.
  void Watch(std::vector<NamedAddresses> backends);
  // Looks before the interval has passed: at once, or where it just did, a moment later. Once, however many
  // ask.
  void LookUpSoon();

 private:
  struct State;

  static void Run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;
};

}  // namespace arasta::gateway
