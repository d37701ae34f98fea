// A producer "shop" and a consumer "mail" with their databases and a Redis between them. Aggregates have a
// version; the consumer's effect is a row an event, without any constraint that would hide a mistake.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/events/consumer.h"
#include "common/events/event_feed.h"
#include "common/events/inbox.h"
#include "common/events/outbox.h"
#include "common/events/relay.h"
#include "common/pg/transaction.h"
#include "common/redis/redis.h"
#include "common/redis/stream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/call.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"
#include "tests/support/redis.h"

namespace arasta::events {

// Changes the aggregate's row, then appends its event: the business transaction.
absl::Status ChangeAggregate(pqxx::work& tx, const Call& call, const std::string& aggregate);

// Records the event as the consumer's effect.
absl::Status RecordEffect(pqxx::work& tx, const v1::Envelope& event);

// The feed as seen by the process "mail".
class LocalFeed : public Feed {
 public:
  explicit LocalFeed(EventFeed& feed) : feed_(feed) {}
  absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(const Call&,
                                                        const v1::ReplayEventsRequest& request) override {
    ++replays;
    if (hang) {
      hang();
      return absl::DeadlineExceededError("the producer hangs");
    }
    return feed_.ReplayEvents(testing::PeerCall("mail"), request);
  }
  absl::StatusOr<v1::AckEventsResponse> AckEvents(const Call&, const v1::AckEventsRequest& request) override {
    return feed_.AckEvents(testing::PeerCall("mail"), request);
  }

  int replays = 0;
  std::function<void()> hang;  // instead of an answer

 private:
  EventFeed& feed_;
};

class EventBus {
 public:
  EventBus();

  // Commits `count` changes of one aggregate.
  void Change(const std::string& aggregate, int count = 1);

  std::unique_ptr<Relay> NewRelay();
  // Without a handler, effects are recorded.
  std::unique_ptr<Consumer> NewConsumer(const std::string& owner = "first", Handler handler = nullptr);

  // Relays and consumes until nothing moves any more, time passing meanwhile. The relay's heads reach
  // the consumer as they would by pub/sub.
  void Deliver(Relay& relay, Consumer& consumer);
  void Deliver();

  void FlushRedis();
  // The last sequence of each stream.
  std::vector<int64_t> StreamEnds();

  // Every committed event has had its effect once, in order within its aggregate, and nothing else has.
  void ExpectEachAppliedOnceInOrder();
  // Sequences run from 1 without a hole in each partition.
  void ExpectDense();

  testing::TestRedis redis_server;
  testing::TestDatabase shop;
  testing::TestDatabase mail;
  redis::Pool redis{{.address = redis_server.address()}};
  FakeClock clock;
  EventFeed outbox_feed{shop.pool(), "shop"};
  LocalFeed feed{outbox_feed};
};

// An aggregate that falls into `partition`.
std::string AggregateIn(int partition, int number = 0);

}  // namespace arasta::events
