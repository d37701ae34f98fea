// Stock and reservations on a real PostgreSQL: what must hold whoever comes at the same time.
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog_migrations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/catalog/reservation_combiner.h"
#include "services/catalog/reservation_store.h"
#include "services/catalog/stock_rows.h"
#include "services/catalog/stock_store.h"
#include "tests/support/call.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::PeerCall;
using ::arasta::testing::StatusIs;
using ::arasta::testing::TestDatabase;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

class ReservationTest : public ::testing::Test {
 protected:
  void Shelve(const std::string& sku, int64_t on_hand) {
    database_.Query(absl::StrCat("INSERT INTO stock (sku, on_hand) VALUES ('", sku, "', ", on_hand, ")"));
  }

  static ReserveRequest Wanting(std::vector<ReservationLine> lines) {
    return {ReservationKey{Uuid::V4(), 1}, std::move(lines)};
  }

  absl::StatusOr<Reservation> Reserve(const ReserveRequest& request) {
    return store_.Reserve(PeerCall("order"), request);
  }
  absl::StatusOr<Reservation> Commit(const ReserveRequest& request) {
    return store_.Commit(PeerCall("order"), request.key);
  }
  absl::StatusOr<Reservation> Release(const ReserveRequest& request) {
    return store_.Release(PeerCall("order"), request.key);
  }

  // By the database's clock and as readers see it.
  int64_t Available(const std::string& sku) {
    return database_.Value<int64_t>(
        absl::StrCat("SELECT available FROM stock_level WHERE sku = '", sku, "'"));
  }
  int64_t OnHand(const std::string& sku) {
    return database_.Value<int64_t>(absl::StrCat("SELECT on_hand FROM stock WHERE sku = '", sku, "'"));
  }
  // What the ledger says, which must be what the counter says.
  int64_t MovedSum(const std::string& sku) {
    return database_.Value<int64_t>(
        absl::StrCat("SELECT coalesce(sum(delta), 0) FROM stock_movement WHERE sku = '", sku, "'"));
  }
  // Lets a hold run out: time is the database's, so its rows are moved instead of its clock.
  void Expire(const ReserveRequest& request) {
    const std::string where =
        absl::StrCat(" SET expire_time = clock_timestamp() - interval '1 microsecond' WHERE order_id = '",
                     request.key.order.ToString(), "'");
    database_.Query(absl::StrCat("UPDATE reservation", where));
    database_.Query(absl::StrCat("UPDATE reservation_line", where));
  }

  // Runs `work(i)` for i below `count` on `threads` threads at once.
  template <typename Work>
  static void AtOnce(int threads, int count, Work work) {
    std::atomic<int> next{0};
    std::vector<std::jthread> running;
    for (int t = 0; t < threads; ++t) {
      running.emplace_back([&] {
        for (int i = next++; i < count; i = next++) work(i);
      });
    }
  }

  TestDatabase database_{Migrations()};
  ReservationStore store_{database_.pool()};
  StockStore stock_{database_.pool()};
};

TEST_F(ReservationTest, SellsTenUnitsToExactlyTenOfTwoHundredBuyers) {
  Shelve("tea", 10);
  std::atomic<int> held{0};
  std::atomic<int> refused{0};
  AtOnce(8, 200, [&](int) {
    absl::StatusOr<Reservation> reservation = Reserve(Wanting({{"tea", 1}}));
    if (reservation.ok()) {
      ++held;
    } else {
      EXPECT_THAT(reservation, HasReason("INSUFFICIENT_STOCK"));
      ++refused;
    }
  });
  EXPECT_EQ(held, 10);
  EXPECT_EQ(refused, 190);
  EXPECT_EQ(Available("tea"), 0);
}

TEST_F(ReservationTest, IsAnsweredAsItStandsOnceItIsCommittedOrReleased) {
  Shelve("cup", 5);
  Shelve("tea", 5);
  const ReserveRequest request = Wanting({{"tea", 2}, {"cup", 1}});
  ASSERT_THAT(Reserve(request), IsOk());
  for (const bool committed : {true, false}) {
    absl::StatusOr<Reservation> answer = committed ? Commit(request) : Release(request);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->state, committed ? ReservationState::kCommitted : ReservationState::kReleased);
    EXPECT_EQ(SkusOf(answer->lines), (std::vector<std::string>{"cup", "tea"}));
    absl::StatusOr<Reservation> found = store_.Find(PeerCall("order"), request.key);
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(found->state, answer->state);
    EXPECT_EQ(SkusOf(found->lines), SkusOf(answer->lines));
    EXPECT_EQ(found->expire_time, answer->expire_time);
    EXPECT_EQ(found->create_time, answer->create_time);
    EXPECT_EQ(found->update_time, answer->update_time);
  }
  EXPECT_EQ(MovedSum("tea"), 0);
  EXPECT_EQ(Available("tea"), 5);
}

// The last line of defence, should the code above it ever be wrong.
TEST_F(ReservationTest, IsKeptFromOversellingByTheTableItself) {
  Shelve("tea", 10);
  EXPECT_THROW(database_.Query("UPDATE stock SET reserved = 11"), pqxx::check_violation);
  EXPECT_THROW(database_.Query("UPDATE stock SET reserved = -1"), pqxx::check_violation);
  EXPECT_THROW(database_.Query("UPDATE stock SET reserved = 5, on_hand = 4"), pqxx::check_violation);
}

TEST_F(ReservationTest, NamesTheSkuAndWhatIsAvailable) {
  Shelve("cup", 5);
  Shelve("tea", 3);
  absl::StatusOr<Reservation> reservation = Reserve(Wanting({{"cup", 1}, {"tea", 4}}));
  EXPECT_THAT(reservation, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("3 of tea")));
  EXPECT_EQ(Available("cup"), 5);
  EXPECT_EQ(database_.Value<int>("SELECT count(*) FROM reservation"), 0);
}

TEST_F(ReservationTest, ServesABatchInOrderAndEachRequestByItself) {
  Shelve("tea", 3);
  const ReserveRequest first = Wanting({{"tea", 2}});
  const ReserveRequest too_much = Wanting({{"tea", 2}});
  const ReserveRequest unknown = Wanting({{"moon", 1}});
  const ReserveRequest last = Wanting({{"tea", 1}});
  const ReserveRequest* requests[] = {&first, &too_much, &unknown, &last};
  EXPECT_THAT(store_.ReserveAll(PeerCall("order"), requests),
              ElementsAre(IsOk(), HasReason("INSUFFICIENT_STOCK"), HasReason("UNKNOWN_SKU"), IsOk()));
  EXPECT_EQ(database_.Value<int>("SELECT count(*) FROM reservation"), 2);
  EXPECT_EQ(Available("tea"), 0);
}

TEST_F(ReservationTest, HoldsOnceHoweverOftenItIsAsked) {
  Shelve("tea", 10);
  const ReserveRequest request = Wanting({{"tea", 4}});
  AtOnce(8, 50, [&](int) { EXPECT_THAT(Reserve(request), IsOk()); });
  EXPECT_EQ(Available("tea"), 6);
}

TEST_F(ReservationTest, RefusesOtherLinesUnderTheSameKey) {
  Shelve("tea", 10);
  ReserveRequest request = Wanting({{"tea", 4}});
  ASSERT_THAT(Reserve(request), IsOk());
  request.lines = {{"tea", 5}};
  EXPECT_THAT(Reserve(request), HasReason("RESERVATION_MISMATCH"));
}

// Locking in another order (stock_rows.cc) turns this red. Locks may take their time: only waiting in a
// circle is wrong, and PostgreSQL counts those.
TEST_F(ReservationTest, NeverDeadlocksOnCrossedLines) {
  Shelve("x", 1000000);
  Shelve("y", 1000000);
  pg::Pool patient({.conninfo = database_.conninfo(),
                    .statement_timeout = absl::Seconds(30),
                    .lock_timeout = absl::Seconds(30),
                    .idle_in_transaction_timeout = absl::Seconds(30)});
  ReservationStore store(patient);
  AtOnce(8, 1000, [&](int i) {
    const Call call = PeerCall("order");
    const ReserveRequest request = i % 2 == 0 ? Wanting({{"x", 1}, {"y", 1}}) : Wanting({{"y", 1}, {"x", 1}});
    ASSERT_THAT(store.Reserve(call, request), IsOk());
    ASSERT_THAT(i % 3 == 0 ? store.Commit(call, request.key) : store.Release(call, request.key), IsOk());
  });
  patient.DropIdle();  // a session that ends has told what it counted
  EXPECT_EQ(
      database_.Value<int64_t>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"),
      0);
  EXPECT_EQ(OnHand("x"), OnHand("y"));
  EXPECT_EQ(OnHand("x"), Available("x"));
}

TEST_F(ReservationTest, DoesNotCountAHoldFromTheInstantItExpires) {
  Shelve("tea", 1);
  const ReserveRequest first = Wanting({{"tea", 1}});
  ASSERT_THAT(Reserve(first), IsOk());
  ASSERT_THAT(Reserve(Wanting({{"tea", 1}})), HasReason("INSUFFICIENT_STOCK"));
  Expire(first);
  EXPECT_EQ(Available("tea"), 1);
  EXPECT_THAT(store_.Find(PeerCall("order"), first.key),
              IsOkAndHolds(Field(&Reservation::state, ReservationState::kExpired)));
  EXPECT_THAT(Reserve(Wanting({{"tea", 1}})), IsOk());
  EXPECT_EQ(Available("tea"), 0);
}

TEST_F(ReservationTest, LetsAnExpiredHoldCompeteAgain) {
  Shelve("tea", 1);
  const ReserveRequest late = Wanting({{"tea", 1}});
  ASSERT_THAT(Reserve(late), IsOk());
  Expire(late);
  EXPECT_THAT(Reserve(late), IsOkAndHolds(Field(&Reservation::state, ReservationState::kHeld)));
  EXPECT_EQ(Available("tea"), 0);

  Expire(late);
  const ReserveRequest faster = Wanting({{"tea", 1}});
  ASSERT_THAT(Reserve(faster), IsOk());
  EXPECT_THAT(Reserve(late), HasReason("INSUFFICIENT_STOCK"));
  EXPECT_THAT(Commit(late), HasReason("INSUFFICIENT_STOCK"));
  EXPECT_THAT(Commit(faster), IsOk());
  EXPECT_EQ(OnHand("tea"), 0);
}

TEST_F(ReservationTest, CommitsAnExpiredHoldWhileThereIsStock) {
  Shelve("tea", 3);
  const ReserveRequest late = Wanting({{"tea", 2}});
  ASSERT_THAT(Reserve(late), IsOk());
  Expire(late);
  ASSERT_THAT(stock_.SweepExpiredHolds(PeerCall("order"), 100), IsOkAndHolds(1));
  EXPECT_THAT(Commit(late), IsOkAndHolds(Field(&Reservation::state, ReservationState::kCommitted)));
  EXPECT_EQ(OnHand("tea"), 1);
  EXPECT_EQ(Available("tea"), 1);
}

TEST_F(ReservationTest, SweepsExpiredHoldsOutOfTheCounter) {
  Shelve("tea", 5);
  const ReserveRequest request = Wanting({{"tea", 2}});
  ASSERT_THAT(Reserve(request), IsOk());
  EXPECT_THAT(stock_.SweepExpiredHolds(PeerCall("order"), 100), IsOkAndHolds(0));
  Expire(request);
  EXPECT_THAT(stock_.SweepExpiredHolds(PeerCall("order"), 100), IsOkAndHolds(1));
  EXPECT_EQ(database_.Value<int64_t>("SELECT reserved FROM stock"), 0);
  EXPECT_THAT(stock_.SweepExpiredHolds(PeerCall("order"), 100), IsOkAndHolds(0));
}

TEST_F(ReservationTest, SellsOnceAndGivesBackOnce) {
  Shelve("tea", 10);
  const ReserveRequest request = Wanting({{"tea", 4}});
  ASSERT_THAT(Reserve(request), IsOk());
  AtOnce(8, 20, [&](int) { EXPECT_THAT(Commit(request), IsOk()); });
  EXPECT_EQ(OnHand("tea"), 6);
  EXPECT_EQ(MovedSum("tea"), -4);
  EXPECT_THAT(Reserve(request), IsOkAndHolds(Field(&Reservation::state, ReservationState::kCommitted)));
  AtOnce(8, 20, [&](int) { EXPECT_THAT(Release(request), IsOk()); });
  EXPECT_EQ(OnHand("tea"), 10);
  EXPECT_EQ(Available("tea"), 10);
  EXPECT_EQ(MovedSum("tea"), 0);
  EXPECT_THAT(Commit(request), HasReason("RESERVATION_RELEASED"));
}

TEST_F(ReservationTest, DoesNotHoldWhatWasReleasedBefore) {
  Shelve("tea", 10);
  const ReserveRequest request = Wanting({{"tea", 4}});
  EXPECT_THAT(Release(request), IsOkAndHolds(Field(&Reservation::state, ReservationState::kReleased)));
  EXPECT_THAT(Reserve(request), HasReason("RESERVATION_RELEASED"));
  EXPECT_EQ(Available("tea"), 10);
  ReserveRequest next = request;
  next.key.generation = 2;
  EXPECT_THAT(Reserve(next), IsOk());
}

TEST_F(ReservationTest, ReleasingAgainstReservingLeavesNothingHeld) {
  Shelve("tea", 1000);
  for (int round = 0; round < 30; ++round) {
    const ReserveRequest request = Wanting({{"tea", 1}});
    AtOnce(2, 2, [&](int i) {
      if (i == 0) {
        EXPECT_THAT(Release(request), IsOk());
      } else {
        absl::StatusOr<Reservation> reservation = Reserve(request);
        EXPECT_TRUE(reservation.ok() || absl::IsFailedPrecondition(reservation.status()));
      }
    });
  }
  EXPECT_EQ(Available("tea"), 1000);
}

TEST_F(ReservationTest, CombinesWhoeverAsksAtTheSameTime) {
  Shelve("tea", 150);
  ReservationCombiner combiner(store_, 2);
  std::atomic<int> held{0};
  AtOnce(40, 200, [&](int) {
    absl::StatusOr<Reservation> reservation = combiner.Reserve(PeerCall("order"), Wanting({{"tea", 1}}));
    EXPECT_TRUE(reservation.ok() || ReasonOf(reservation.status()) == "INSUFFICIENT_STOCK");
    held += reservation.ok() ? 1 : 0;
  });
  EXPECT_EQ(held, 150);
  EXPECT_EQ(Available("tea"), 0);
  EXPECT_LT(database_.Value<int>("SELECT count(DISTINCT xmin::text) FROM reservation"), 75)
      << "transactions for 150 reservations";
}

TEST_F(ReservationTest, AnswersRepeatsAndOthersEachTheirOwnWhenCombined) {
  Shelve("tea", 10);
  Shelve("cup", 10);
  ReservationCombiner combiner(store_, 1);
  const ReserveRequest repeated = Wanting({{"tea", 4}});
  AtOnce(16, 48, [&](int i) {
    const Call call = PeerCall("order");
    if (i % 3 == 0) {
      EXPECT_THAT(combiner.Reserve(call, repeated), IsOkAndHolds(Field(&Reservation::key, repeated.key)));
    } else if (i % 3 == 1) {
      EXPECT_THAT(combiner.Reserve(call, Wanting({{"moon", 1}})), HasReason("UNKNOWN_SKU"));
    } else {
      EXPECT_THAT(combiner.Reserve(call, Wanting({{"cup", 11}, {"tea", 1}})),
                  HasReason("INSUFFICIENT_STOCK"));
    }
  });
  EXPECT_EQ(Available("tea"), 6);
  EXPECT_EQ(Available("cup"), 10);
}

// Somebody sits on the row of one of two SKUs that share a batch: only who wants that one is refused.
TEST_F(ReservationTest, TriesEachAloneWhenABatchFails) {
  Shelve("cup", 10);
  Shelve("tea", 10);
  ReservationCombiner combiner(store_, 1);
  pqxx::connection connection(database_.conninfo());
  pqxx::work blocker(connection);
  blocker.exec("SELECT FROM stock WHERE sku = 'cup' FOR UPDATE");
  AtOnce(8, 8, [&](int i) {
    if (i % 2 == 0) {
      EXPECT_THAT(combiner.Reserve(PeerCall("order"), Wanting({{"cup", 1}})), HasReason("LOCK_TIMEOUT"));
    } else {
      EXPECT_THAT(combiner.Reserve(PeerCall("order"), Wanting({{"tea", 1}})), IsOk());
    }
  });
  blocker.abort();
  EXPECT_EQ(Available("tea"), 6);
  EXPECT_EQ(Available("cup"), 10);
}

TEST_F(ReservationTest, LeavesTheQueueWhenTimeIsUp) {
  Shelve("tea", 10);
  ReservationCombiner combiner(store_, 1);
  const Call late = Call::Background("test", absl::Now() - absl::Seconds(1));
  EXPECT_THAT(combiner.Reserve(late, Wanting({{"tea", 1}})), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(combiner.Reserve(PeerCall("order"), Wanting({{"tea", 1}})), IsOk());
}

TEST_F(ReservationTest, KnowsNoReservationThatWasNeverMade) {
  EXPECT_THAT(Commit(Wanting({{"tea", 1}})), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_.Find(PeerCall("order"), Wanting({}).key), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ReservationTest, AdjustsStockOncePerRequestAndNeverBelowWhatIsReserved) {
  Shelve("tea", 5);
  ASSERT_THAT(Reserve(Wanting({{"tea", 4}})), IsOk());
  Adjustment delivery{"tea", Uuid::V4(), 3, absl::nullopt, "delivery"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(stock_.Adjust(PeerCall("gateway"), delivery), IsOkAndHolds(Field(&Stock::on_hand, 8)));
  }
  Adjustment count{"tea", Uuid::V4(), absl::nullopt, 3, "count"};
  EXPECT_THAT(stock_.Adjust(PeerCall("gateway"), count), HasReason("INSUFFICIENT_STOCK"));
  EXPECT_THAT(stock_.Adjust(PeerCall("gateway"), {"moon", Uuid::V4(), 1, absl::nullopt, ""}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(OnHand("tea"), 8);
}

}  // namespace
}  // namespace arasta::catalog
