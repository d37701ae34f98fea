// A drive of a checkout saga (services/order/saga.h), in the order of services/order/checkout.cc: every
// touch of the database, of catalog and of the provider is a step of its own.
#pragma once

#include <functional>
#include <memory>

#include "absl/types/optional.h"
#include "services/order/saga.h"
#include "tests/chaos/simulation/catalog_replica.h"
#include "tests/chaos/simulation/order_book.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/provider.h"

namespace arasta::simulation {

enum class Goal { kDecided, kSettled };

// What a drive drives against.
struct Market {
  World& world;
  OrderBook& orders;
  std::function<CatalogReplica&()> catalog;  // any of them
  Provider& provider;
};

catalog::ReservationKey ReservationOf(const order::OrderId& id);

// Lives as long as a step of it is to come.
class Drive : public std::enable_shared_from_this<Drive> {
 public:
  Drive(const Market& market, Process& process, const order::SagaLease& lease, Goal goal,
        std::function<void()> at_end)
      : market_(market), process_(process), lease_(lease), goal_(goal), at_end_(std::move(at_end)) {}

  void Start(absl::optional<order::SagaSnapshot> known = absl::nullopt);

 private:
  void Load();
  void Next();
  void Write();
  void AskSomebody();
  void AskCatalog();
  void OnVerdict(const order::Verdict& verdict);
  void On(const order::SagaEvent& event);
  void Arrive();

  const Market market_;
  Process& process_;
  order::SagaLease lease_;
  const Goal goal_;
  const std::function<void()> at_end_;
  absl::optional<order::SagaSnapshot> known_;
  order::Saga saga_;
  int loads_ = 0;
  int tries_ = 0;
  int questions_ = 0;  // an answer to an earlier one is late
};

}  // namespace arasta::simulation
