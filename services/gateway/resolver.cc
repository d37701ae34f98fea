#include "services/gateway/resolver.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace arasta::gateway {
namespace {

constexpr size_t kMostAddresses = 256;
constexpr absl::Duration kShortestPause = absl::Milliseconds(250);

}  // namespace

// Shared with the thread, which may outlive the resolver in a lookup that hangs.
struct Resolver::State {
  State(Lookup look_up, absl::Duration every, Tell to_tell)
      : lookup(std::move(look_up)), interval(every), tell(std::move(to_tell)) {}

  absl::StatusOr<std::vector<SocketAddress>> Resolve(const std::vector<std::string>& addresses);
  absl::StatusOr<std::vector<SocketAddress>> ResolveOne(const std::string& address);
  // Until it is time to look again, or to stop.
  void AwaitTurn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  const Lookup lookup;
  const absl::Duration interval;
  const Tell tell;
  Mutex mutex;
  CondVar changed;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool asked ABSL_GUARDED_BY(mutex) = false;
  std::vector<NamedAddresses> watched ABSL_GUARDED_BY(mutex);
  // How often Watch was called: what is found for others is not told.
  int version ABSL_GUARDED_BY(mutex) = 0;
  std::map<std::string, std::vector<SocketAddress>> known ABSL_GUARDED_BY(mutex);
  absl::InsecureBitGen random ABSL_GUARDED_BY(mutex);
};

absl::StatusOr<std::vector<SocketAddress>> Resolver::State::ResolveOne(const std::string& address) {
  absl::StatusOr<std::vector<SocketAddress>> found = lookup(address);
  MutexLock lock(mutex);
  if (found.ok()) return known[address] = *std::move(found);
  const auto before = known.find(address);
  if (before == known.end()) return found.status();
  log::Debug("lookup failed", {{"address", address}, {"error", found.status().message()}});
  return before->second;
}

absl::StatusOr<std::vector<SocketAddress>> Resolver::State::Resolve(
    const std::vector<std::string>& addresses) {
  std::vector<SocketAddress> all;
  absl::Status failure;
  for (const std::string& address : addresses) {
    const absl::StatusOr<std::vector<SocketAddress>> found = ResolveOne(address);
    if (found.ok()) {
      all.insert(all.end(), found->begin(), found->end());
    } else if (failure.code() != absl::StatusCode::kInvalidArgument) {
      failure = found.status();
    }
  }
  if (all.empty() || failure.code() == absl::StatusCode::kInvalidArgument) RETURN_IF_ERROR(failure);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  all.resize(std::min(all.size(), kMostAddresses));
  return all;
}

void Resolver::State::AwaitTurn() {
  const absl::Time begin = absl::Now();
  // Replicas of the gateway lose a backend at the same time, but should not ask in step.
  const absl::Duration pause = std::min(interval, absl::Uniform(random, 1.0, 2.0) * kShortestPause);
  for (;;) {
    const absl::Duration left = begin + (asked ? pause : interval) - absl::Now();
    if (stopping || left <= absl::ZeroDuration()) break;
    changed.WaitFor(mutex, left);
  }
  asked = false;
}

Resolver::Resolver(Lookup lookup, absl::Duration interval, Tell tell)
    : state_(std::make_shared<State>(std::move(lookup), interval, std::move(tell))) {
  std::thread([state = state_] { Run(state); }).detach();
}

Resolver::~Resolver() {
  MutexLock lock(state_->mutex);
  state_->stopping = true;
  state_->changed.NotifyAll();
}

absl::StatusOr<std::vector<SocketAddress>> Resolver::Resolve(const std::vector<std::string>& addresses) {
  return state_->Resolve(addresses);
}

void Resolver::Watch(std::vector<NamedAddresses> backends) {
  MutexLock lock(state_->mutex);
  std::map<std::string, std::vector<SocketAddress>> known;
  for (const NamedAddresses& backend : backends) {
    for (const std::string& address : backend.addresses) known[address] = state_->known[address];
  }
  state_->known = std::move(known);
  state_->watched = std::move(backends);
  ++state_->version;
}

void Resolver::LookUpSoon() {
  MutexLock lock(state_->mutex);
  if (!std::exchange(state_->asked, true)) state_->changed.NotifyAll();
}

void Resolver::Run(const std::shared_ptr<State>& state) {
  for (;;) {
    std::vector<NamedAddresses> watched;
    int version = 0;
    {
      MutexLock lock(state->mutex);
      state->AwaitTurn();
      if (state->stopping) return;
      watched = state->watched;
      version = state->version;
    }
    for (const NamedAddresses& backend : watched) {
      const absl::StatusOr<std::vector<SocketAddress>> addresses = state->Resolve(backend.addresses);
      MutexLock lock(state->mutex);
      if (state->stopping) return;
      if (addresses.ok() && state->version == version) state->tell(backend.name, *addresses);
    }
  }
}

}  // namespace arasta::gateway
