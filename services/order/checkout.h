// Drives the checkout saga (saga.h): performs its steps against catalog, the payment provider and the
// store until the order is decided or settled.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/call/call.h"
#include "services/order/catalog_client.h"
#include "services/order/doorbell.h"
#include "services/order/lease_queue.h"
#include "services/order/order_store.h"
#include "services/order/payment_provider.h"
#include "services/order/saga.h"
#include "services/order/saga_store.h"

namespace arasta::order {

// How far to drive: until the customer can be answered, or until nothing is left to do.
enum class Goal { kDecided, kSettled };

// Thread-safe.
class Checkout {
 public:
  struct Parts {
    OrderStore& orders;
    SagaStore& sagas;
    CatalogClient& catalog;
    PaymentProvider& payments;
    Doorbell& doorbell;
    LeaseQueue& left_over;
    // Called after every commit that moved an order; must not block.
    std::function<void(const OrderId&)> on_move;
  };
  explicit Checkout(Parts parts) : parts_(std::move(parts)) {}

  // Claims the order and drives it to its decision; a claim made before is joined. Returns the order as it
  // is then, PENDING if that can't be decided within the call's deadline. UNAVAILABLE: not known whether it
  // was claimed. ABORTED: as OrderStore::Claim says, nothing was claimed.
  absl::StatusOr<Order> Place(const Call& call, const NewOrder& order);

  // Waits until the order is decided, driving it if nobody does. Returns as Place does.
  absl::StatusOr<Order> Join(const Call& call, const OrderId& id);

  // Drives an order from wherever it is. Request, repeat and completer all end here. An error leaves the
  // lease to run out.
  //
  // It dies …                          … and then
  //   before the claim's commit          there is no order; the client repeats, or not.
  //   after the claim                    the lease runs out within 10 s; a repeat or the completer drives on.
  //                                      No other order can buy the cart until this one is decided.
  //   after reserving                    the next driver reserves again: same key, same hold.
  //   before authorising                 nothing was charged; the next driver asks for the first time.
  //   after authorising, unrecorded      the next driver asks with the same key and gets the same answer.
  //   after committing the reservation   committing again answers the same; CONFIRM follows, or the units
  //                                      are given back by RELEASE.
  //   before CONFIRM's commit            as above: nothing of it is visible.
  //   after CONFIRM                      the order is PLACED whatever the client heard, and its lines are out
  //                                      of the cart; capture is due.
  //   before or after capturing          the next driver captures with the same key and records it.
  //   after CANCEL                       the order is CANCELLED, and the cart as it was is free for another;
  //                                      the next driver releases, voids, refunds.
  //   while unwinding                    release, void and refund are repeated with their keys.
  //   and comes back with an old lease   every write is fenced by the epoch, every call by its key: a late
  //                                      reserve meets a released reservation, a late authorisation a void.
  //   stays alive, a commit in doubt     it goes on under a new epoch: the commit was, or never will be.
  absl::Status Complete(const Call& call, SagaLease lease, Goal goal,
                        absl::optional<SagaSnapshot> known = absl::nullopt);

  // Tells who waits that a commit moved the order.
  void Moved(const OrderId& id);

 private:
  // What became of a drive.
  enum class Drive { kArrived, kSuperseded, kUndecided };

  struct Work {
    const Call& call;
    const SagaLease& lease;
    const SagaSnapshot& snapshot;
  };

  // Until the saga leaves the phase it was loaded in. `why` tells an undecided drive's last error.
  Drive DrivePhase(const Work& work, Saga& saga, absl::Status& why);
  // What became of the step; nullopt: the record may not be what the saga thinks.
  absl::optional<SagaEvent> Perform(const Work& work, const Saga& saga, absl::Status& why);
  Verdict Ask(const Work& work, SagaStep step);

  const Parts parts_;
};

}  // namespace arasta::order
