#include "common/rpc/health.h"

#include <utility>

namespace arasta::rpc {

Health::Response Health::State() const {
  Response response;
  response.set_status(serving_ ? Response::SERVING : Response::NOT_SERVING);
  return response;
}

void Health::SetServing(bool serving) {
  MutexLock lock(mutex_);
  if (serving_ == serving) return;
  serving_ = serving;
  for (const rpc::Watch<Response>& watch : watches_) watch.Write(State());
}

absl::optional<absl::StatusOr<Health::Response>> Health::Check(const Call&, const Request&) {
  MutexLock lock(mutex_);
  return State();
}

absl::Status Health::Watch(const Call&, const Request&, rpc::Watch<Response> watch) {
  std::list<rpc::Watch<Response>>::iterator entry;
  {
    MutexLock lock(mutex_);
    watch.Write(State());
    entry = watches_.insert(watches_.end(), watch);
  }
  watch.OnCancel([this, entry] {
    MutexLock lock(mutex_);
    watches_.erase(entry);
  });
  return absl::OkStatus();
}

}  // namespace arasta::rpc
