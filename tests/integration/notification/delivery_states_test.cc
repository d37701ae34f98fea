// The delivery's state machine as the database enforces it, whatever the code above may try.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/notification/delivery.h"
#include "tests/integration/notification/shop.h"

namespace arasta::notification {
namespace {

using State = DeliveryState;

const std::map<State, std::set<State>>& LegalMoves() {
  static const auto& moves = *new std::map<State, std::set<State>>{
      {State::kAccepted, {State::kQueued, State::kSuppressed, State::kExpired, State::kDead}},
      {State::kQueued, {State::kSending, State::kSuppressed, State::kExpired, State::kDead}},
      {State::kSending, {State::kQueued, State::kSent, State::kBounced, State::kExpired, State::kDead}},
      {State::kSent, {State::kDelivered, State::kBounced, State::kComplained}},
      {State::kDelivered, {State::kBounced, State::kComplained}},
      {State::kBounced, {}},
      {State::kComplained, {}},
      {State::kSuppressed, {}},
      {State::kExpired, {}},
      {State::kDead, {}},
  };
  return moves;
}

class DeliveryStatesTest : public ::testing::Test, protected Shop {
 protected:
  // With the address and the bytes that the state must have, so that only the move is in question.
  bool TryMove(State to) {
    const bool has_content = to == State::kQueued || to == State::kSending;
    try {
      database_.Query(absl::StrCat(
          "UPDATE delivery SET state = '", TextOf(to), "', ",
          has_content ? "address = 'a@b.example', message = 'm'" : "address = NULL, message = NULL"));
      return true;
    } catch (const pqxx::check_violation&) {
      return false;
    }
  }

  void Put(State state) {
    database_.Query("ALTER TABLE delivery DISABLE TRIGGER delivery_guard");
    ASSERT_TRUE(TryMove(state));
    database_.Query("ALTER TABLE delivery ENABLE TRIGGER delivery_guard");
  }
};

TEST_F(DeliveryStatesTest, OnlyLegalMovesArePossible) {
  Accept(Welcome("event-1"));
  for (const auto& [from, legal] : LegalMoves()) {
    for (const auto& [to, unused] : LegalMoves()) {
      if (from == to) continue;
      Put(from);
      EXPECT_EQ(TryMove(to), legal.count(to) > 0) << TextOf(from) << " to " << TextOf(to);
    }
  }
}

TEST_F(DeliveryStatesTest, NothingBeginsButAccepted) {
  Accept(Welcome("event-1"));
  EXPECT_THROW(
      database_.Query("INSERT INTO delivery (id, notification_id, channel, state, priority, expire_time) "
                      "SELECT gen_random_uuid(), id, 'sms', 'sent', 1, now() FROM notification"),
      pqxx::check_violation);
}

TEST_F(DeliveryStatesTest, AQueuedMessageIsFrozen) {
  Accept(Welcome("event-1"));
  ASSERT_TRUE(TryMove(State::kQueued));
  EXPECT_THROW(database_.Query("UPDATE delivery SET message = 'another'"), pqxx::check_violation);
  EXPECT_THROW(database_.Query("UPDATE delivery SET address = 'eve@evil.example'"), pqxx::check_violation);
}

TEST_F(DeliveryStatesTest, OneDeliveryAChannel) {
  Accept(Welcome("event-1"));
  EXPECT_THROW(database_.Query("INSERT INTO delivery (id, notification_id, channel, priority, expire_time) "
                               "SELECT gen_random_uuid(), id, 'email', 1, now() FROM notification"),
               pqxx::unique_violation);
}

}  // namespace
}  // namespace arasta::notification
