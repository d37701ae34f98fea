// A catalog process: a lane of reservations that are combined, and what needs no combining.
#pragma once

#include <functional>
#include <list>
#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "services/catalog/reservation_queue.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/shelf.h"

namespace arasta::simulation {

class CatalogReplica {
 public:
  using Answer = std::function<void(absl::Status)>;

  CatalogReplica(World& world, const std::string& name, Shelf& shelf)
      : world_(world), shelf_(shelf), process_(world, name, [this] { Boot(); }) {}

  // Requests as they arrive; answers leave as messages, or never.
  void Reserve(const catalog::ReserveRequest& request, const Answer& answer);
  void Commit(const catalog::ReservationKey& key, const Answer& answer);
  void Release(const catalog::ReservationKey& key, const Answer& answer);

 private:
  struct Waiter {
    catalog::ReserveRequest request;
    Answer answer;
  };

  void Boot();
  void Lead();
  void Serve(const std::vector<const catalog::ReserveRequest*>& batch, const catalog::Availability& seen);
  void Reply(const Answer& answer, const absl::Status& status);
  void Forget(const catalog::ReserveRequest* request);

  World& world_;
  Shelf& shelf_;
  Process process_;
  // What a death forgets.
  absl::optional<catalog::ReservationQueue> lane_;
  std::list<Waiter> waiters_;
};

}  // namespace arasta::simulation
