// Commands, pipelines, streams and subscriptions against a Redis that comes and goes, by a socket and by TLS.
#include "common/redis/redis.h"

#include <future>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "common/redis/stream.h"
#include "common/redis/subscriber.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/common/redis/secure_redis.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace arasta::redis {
namespace {

using ::arasta::testing::Eventually;
using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

absl::Time Soon() {
  return absl::Now() + absl::Seconds(5);
}

class RedisTest : public ::testing::TestWithParam<bool> {
 protected:
  absl::StatusOr<Reply> Command(const Args& args) { return pool_.Command(Soon(), args); }

  SecureRedis server_;
  Pool pool_{GetParam() ? server_.ByTls() : server_.BySocket()};
};

INSTANTIATE_TEST_SUITE_P(, RedisTest, ::testing::Bool(),
                         [](const auto& by_tls) { return by_tls.param ? "ByTls" : "BySocket"; });

TEST_P(RedisTest, KeepsBytesAsTheyAre) {
  const std::string bytes = std::string("a\0\r\n\xff", 5) + std::string(1 << 20, 'x');
  ASSERT_THAT(Command({"SET", "k", bytes}), IsOk());
  EXPECT_THAT(Command({"GET", "k"}), IsOkAndHolds(Field(&Reply::text, bytes)));
}

TEST_P(RedisTest, TurnsErrorRepliesIntoStatusesWithoutTheArguments) {
  ASSERT_THAT(Command({"SET", "k", "secret"}), IsOk());
  EXPECT_THAT(Command({"INCR", "k"}), HasReason("REDIS_ERROR"));
  ASSERT_THAT(Command({"CONFIG", "SET", "maxmemory", "1"}), IsOk());
  EXPECT_THAT(Command({"SET", "k", "more"}), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(RedisTest, IsUnavailableWhileRedisIsAwayAndWorksAgainAfterwards) {
  ASSERT_THAT(Command({"SET", "k", "v"}), IsOk());
  server_.Kill();
  EXPECT_THAT(Command({"GET", "k"}), StatusIs(absl::StatusCode::kUnavailable));
  server_.Start();
  EXPECT_THAT(Command({"GET", "k"}), IsOkAndHolds(Field(&Reply::text, "v")));
}

TEST_P(RedisTest, GivesUpAtTheDeadline) {
  const absl::Time begin = absl::Now();
  EXPECT_THAT(pool_.Command(begin + absl::Milliseconds(50), {"BLPOP", "nothing", "0"}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_THAT(Command({"PING"}), IsOk());
}

TEST_P(RedisTest, ReadsSeveralStreamsFromTheirPositions) {
  std::vector<Args> adds = {AddCommand("a", 1, "a1"), AddCommand("a", 2, "a2"), AddCommand("c", 7, "c7")};
  ASSERT_THAT(pool_.Pipeline(Soon(), adds), IsOk());
  auto lists = ReadStreams(pool_, Soon(), {{"a", 1}, {"b", 0}, {"c", 0}}, {});
  ASSERT_THAT(lists, IsOk());
  EXPECT_THAT((*lists)[0], ElementsAre(Field(&StreamEntry::value, "a2")));
  EXPECT_THAT((*lists)[1], IsEmpty());
  EXPECT_THAT((*lists)[2], ElementsAre(Field(&StreamEntry::sequence, 7)));
  EXPECT_THAT(LastEntries(pool_, Soon(), {"a", "b", "c"}),
              IsOkAndHolds(ElementsAre(Field(&StreamEntry::sequence, 2), Field(&StreamEntry::sequence, 0),
                                       Field(&StreamEntry::sequence, 7))));
}

TEST_P(RedisTest, WaitsForWhatAStreamDoesNotHaveYet) {
  EXPECT_THAT(ReadStreams(pool_, Soon(), {{"a", 0}}, {.block = absl::Milliseconds(20)}),
              IsOkAndHolds(ElementsAre(IsEmpty())));
  auto later = std::async(std::launch::async, [this] {
    return ReadStreams(pool_, Soon(), {{"a", 0}}, {.block = absl::Seconds(5)});
  });
  EXPECT_TRUE(Eventually([this] {
    const absl::StatusOr<Reply> clients = Command({"INFO", "clients"});
    return clients.ok() && absl::StrContains(clients->text, "blocked_clients:1");
  }));
  ASSERT_THAT(Command(AddCommand("a", 1, "a1")), IsOk());
  EXPECT_THAT(later.get(), IsOkAndHolds(ElementsAre(ElementsAre(Field(&StreamEntry::value, "a1")))));
}

TEST_P(RedisTest, TellsARepeatedAddFromAFailure) {
  std::vector<Args> adds = {AddCommand("a", 2, "x"), AddCommand("a", 2, "x"), AddCommand("a", 1, "x")};
  auto replies = pool_.Pipeline(Soon(), adds);
  ASSERT_THAT(replies, IsOk());
  EXPECT_FALSE(IsAlreadyThere((*replies)[0]));
  EXPECT_TRUE(IsAlreadyThere((*replies)[1]));
  EXPECT_TRUE(IsAlreadyThere((*replies)[2]));
}

TEST_P(RedisTest, TrimsBeforeASequence) {
  std::vector<Args> commands = {AddCommand("a", 1, "x"), AddCommand("a", 2, "y"), TrimCommand("a", 2)};
  ASSERT_THAT(pool_.Pipeline(Soon(), commands), IsOk());
  auto lists = ReadStreams(pool_, Soon(), {{"a", 0}}, {});
  ASSERT_THAT(lists, IsOk());
  EXPECT_THAT((*lists)[0], ElementsAre(Field(&StreamEntry::sequence, 2)));
}

TEST_P(RedisTest, SubscriberHearsAgainAfterARestart) {
  Mutex mutex;
  CondVar changed;
  int connections = 0;
  std::vector<std::string> heard;
  Subscriber subscriber(
      pool_.options(), {"news", "other"},
      [&](const std::string& channel, const std::string& message) {
        MutexLock lock(mutex);
        heard.push_back(channel + ":" + message);
        changed.NotifyAll();
      },
      [&] {
        MutexLock lock(mutex);
        ++connections;
        changed.NotifyAll();
      });
  auto wait = [&](auto done) {
    MutexLock lock(mutex);
    return changed.WaitFor(mutex, std::stop_token(), absl::Seconds(10), done);
  };
  ASSERT_TRUE(wait([&] { return connections == 1; }));
  ASSERT_THAT(Command({"PUBLISH", "news", "one"}), IsOk());
  ASSERT_TRUE(wait([&] { return heard.size() == 1; }));
  server_.Kill();
  server_.Start();
  ASSERT_TRUE(wait([&] { return connections == 2; }));
  ASSERT_THAT(Command({"PUBLISH", "news", "two"}), IsOk());
  ASSERT_TRUE(wait([&] { return heard.size() == 2; }));
  EXPECT_THAT(heard, ElementsAre("news:one", "news:two"));
}

}  // namespace
}  // namespace arasta::redis
