// Events from the outbox to their effects: two relays, streams that forget, two consumers.
#include <memory>

#include "tests/chaos/simulation/consumer_replica.h"
#include "tests/chaos/simulation/inbox_rows.h"
#include "tests/chaos/simulation/outbox.h"
#include "tests/chaos/simulation/relay_replica.h"
#include "tests/chaos/simulation/story.h"
#include "tests/chaos/simulation/stream.h"

namespace arasta::simulation {
namespace {

class EventsStory : public Story {
 public:
  explicit EventsStory(World& world)
      : world_(world), streams_(world), outbox_(world), inbox_(world, outbox_) {
    // A restore that meets streams which forgot it leaves nothing to know it by.
    restores_ = world_.random().PerMille(250);
    if (restores_) streams_.KeepMemory();
    Write();
    Disturb();
  }

  void CheckSettled() override { inbox_.CheckSettled(); }

 private:
  void Write() {
    if (world_.healed()) return;
    outbox_.BeginWrite();
    world_.In(world_.random().Between(absl::ZeroDuration(), absl::Milliseconds(800)), [this] { Write(); });
  }

  void Disturb() {
    if (world_.healed()) return;
    streams_.Forget();
    if (world_.random().PerMille(50)) outbox_.CutSession();
    if (world_.random().PerMille(100)) outbox_.Snapshot();
    if (restores_ && world_.Strikes(Fault::kOutboxRestored, 10)) {
      outbox_.Restore();
      restores_ = false;
    }
    world_.In(absl::Milliseconds(200), [this] { Disturb(); });
  }

  void PublishHeads(const Heads& heads) {
    world_.Send([this, heads] { first_consumer_.OnHeads(heads); });
    world_.Send([this, heads] { second_consumer_.OnHeads(heads); });
  }

  World& world_;
  bool restores_ = false;
  Streams streams_;
  Outbox outbox_;
  InboxRows inbox_;
  RelayReplica first_relay_{world_, "relay-1", outbox_, streams_,
                            [this](const Heads& h) { PublishHeads(h); }};
  RelayReplica second_relay_{world_, "relay-2", outbox_, streams_,
                             [this](const Heads& h) { PublishHeads(h); }};
  ConsumerReplica first_consumer_{world_, "consumer-1", outbox_, streams_, inbox_};
  ConsumerReplica second_consumer_{world_, "consumer-2", outbox_, streams_, inbox_};
};

}  // namespace

std::unique_ptr<Story> BeginEvents(World& world) {
  return std::make_unique<EventsStory>(world);
}

}  // namespace arasta::simulation
