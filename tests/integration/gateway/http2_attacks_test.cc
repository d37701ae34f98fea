// Clients that send what costs us more than them, or nothing at all: after a bounded number of frames, or a
// bounded time, their connection ends. Meanwhile others are served, over the connection to the backend that
// was there before.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/bystander.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/raw_http2.h"
#include "tests/integration/gateway/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/resident.h"

namespace arasta::gateway {
namespace {

using arasta::testing::ResidentBytes;

constexpr int64_t kMostPerAttacker = 10 << 20;
constexpr uint32_t kCalm = NGHTTP2_ENHANCE_YOUR_CALM;
constexpr uint8_t kEndStream = NGHTTP2_FLAG_END_STREAM;
constexpr uint8_t kEndHeaders = NGHTTP2_FLAG_END_HEADERS;

struct Attack {
  const char* name;
  std::string first;
  // Again and again; `stream` is another each time.
  std::function<std::string(uint32_t stream)> piece;
  int most;
  uint32_t code = kCalm;
};

std::string Headers(uint32_t stream, absl::string_view block, uint8_t flags = kEndHeaders) {
  return Frame(NGHTTP2_HEADERS, flags, stream, block);
}
std::string Data(uint32_t stream, absl::string_view bytes, uint8_t flags = 0) {
  return Frame(NGHTTP2_DATA, flags, stream, bytes);
}
std::string Reset(uint32_t stream, uint32_t code = NGHTTP2_CANCEL) {
  return Frame(NGHTTP2_RST_STREAM, 0, stream, Number(code));
}
std::string Credit(uint32_t stream, uint32_t count) {
  return Frame(NGHTTP2_WINDOW_UPDATE, 0, stream, Number(count));
}
std::string Watch(uint32_t stream) {
  return Headers(stream, CallFields("/grpc.health.v1.Health/Watch")) +
         Data(stream, GrpcFrame(""), kEndStream);
}
// A call that may send more.
std::string Upload(uint32_t stream) {
  return Headers(stream, CallFields("/grpc.testing.TestService/StreamingInputCall"));
}
std::function<std::string(uint32_t)> Same(const std::string& bytes) {
  return [bytes](uint32_t) { return bytes; };
}
// A field of 4,000 bytes that enters the table, as its newest entry.
std::string LargeEntry() {
  return absl::StrCat("\x40\x01x", "\x7f\xa1\x1e", std::string(4000, 'a'));
}

std::vector<Attack> Resets() {
  constexpr uint32_t kMax = 0x7fffffff;
  return {
      {"RapidReset", "", [](uint32_t id) { return Call(id) + Reset(id); }, 5000},
      {"ResetOfHeads", "", [](uint32_t id) { return Upload(id) + Reset(id); }, 5000},
      {"ResetsThatSayNoError", "", [](uint32_t id) { return Upload(id) + Reset(id, NGHTTP2_NO_ERROR); },
       5000},
      {"ResetsOfWhatIsClosed", Upload(1) + Reset(1), Same(Reset(1)), 5000},
      // The resets are ours, and the client provokes them.
      {"WindowOverflow", "", [](uint32_t id) { return Upload(id) + Credit(id, kMax); }, 2000},
      {"BodyLongerThanItsLength", "",
       [](uint32_t id) {
         return Headers(id, CallFields() + Fields({{"content-length", "1"}})) + Data(id, "12345");
       },
       5000},
      {"BodyShorterThanItsLength", "",
       [](uint32_t id) {
         return Headers(id, CallFields() + Fields({{"content-length", "9"}})) + Data(id, "12345", kEndStream);
       },
       5000},
      {"SecondHeadWithinACall", "", [](uint32_t id) { return Upload(id) + Headers(id, CallFields()); }, 2000},
      {"MalformedHeads", "",
       [](uint32_t id) {
         return Headers(id, Fields({{"Capital", "1"}}));
       },
       2000},
      {"EmptyHeads", "", [](uint32_t id) { return Headers(id, "", kEndHeaders | kEndStream); }, 2000},
      {"MoreStreamsThanAllowed", "", &Watch, 5000},
  };
}

std::vector<Attack> Floods() {
  const std::string setting = Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1);
  const std::string padding("\x04\0\0\0\0", 5);
  return {
      {"Pings", Watch(1), Same(Frame(NGHTTP2_PING, 0, 0, "12345678")), 5000},
      {"PingAnswers", Watch(1), Same(Frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, "12345678")), 5000},
      {"Settings", Watch(1), Same(Frame(NGHTTP2_SETTINGS, 0, 0)), 5000},
      {"WindowsByTurns", Watch(1), Same(Frame(NGHTTP2_SETTINGS, 0, 0, setting)), 5000},
      {"Priorities", Watch(1), Same(Frame(NGHTTP2_PRIORITY, 0, 1, std::string(5, '\0'))), 5000},
      {"PriorityUpdates", Watch(1), Same(Frame(0x10, 0, 0, Number(1) + "u=1")), 5000},
      {"UnknownTypes", Watch(1), Same(Frame(0x77, 0, 0)), 5000},
      {"Goaways", Watch(1), Same(Frame(NGHTTP2_GOAWAY, 0, 0, Number(0) + Number(0))), 5000},
      {"Credit", Watch(1), Same(Credit(0, 1)), 50'000},
      {"CreditOfAStream", Watch(1), Same(Credit(1, 1)), 50'000},
      {"EmptyData", Upload(1), Same(Data(1, "")), 5000},
      {"PaddedNothing", Upload(1), Same(Data(1, padding, NGHTTP2_FLAG_PADDED)), 5000},
      {"EmptyContinuations", Headers(1, CallFields(), 0), Same(Frame(NGHTTP2_CONTINUATION, 0, 1)), 5000,
       NGHTTP2_PROTOCOL_ERROR},
      {"Continuations", Headers(1, CallFields(), 0),
       Same(Frame(NGHTTP2_CONTINUATION, 0, 1, Fields({{"x", "y"}}))), 5000, NGHTTP2_PROTOCOL_ERROR},
      {"HpackBomb", Headers(1, CallFields() + LargeEntry()),
       [](uint32_t id) { return Headers(id + 2, CallFields() + std::string(10'000, '\xbe')); }, 10},
      {"HpackBombletts", Headers(1, CallFields() + LargeEntry()),
       [](uint32_t id) {
         return Headers(id + 2, CallFields() + std::string(25, '\xbe'), kEndHeaders | kEndStream);
       },
       5000},
  };
}

class Http2AttacksTest : public GatewayTest {
 protected:
  // The backend is measured too, and its part of a call is the larger one.
  void Adjust(GatewayConfig& config) override { config.limits.max_streams = 200; }
  void SetUp() override {
    GatewayTest::SetUp();
    bystander_ = std::make_unique<Bystander>(NewStub());
    caller_ = std::jthread([this](std::stop_token stop) {
      while (!stop.stop_requested()) ++(bystander_->Answers() ? answers_ : failures_);
    });
  }
  void TearDown() override {
    caller_ = {};
    EXPECT_EQ(failures_, 0);
    EXPECT_LE(service().connections(), 1u) << "the backend's connection was lost";
  }

  void ExpectEndOf(const Attack& attack) {
    SCOPED_TRACE(attack.name);
    constexpr int kAttackers = 4;
    const int64_t before = ResidentBytes();
    std::vector<std::unique_ptr<RawHttp2>> attackers;
    for (int i = 0; i < kAttackers; ++i) {
      attackers.push_back(std::make_unique<RawHttp2>(port()));
      RawHttp2& attacker = *attackers.back();
      attacker.Send(attack.first);
      attacker.Flood([&](int n) { return attack.piece(static_cast<uint32_t>(2 * n + 1)); }, attack.most);
      EXPECT_TRUE(attacker.UntilClosed());
      EXPECT_EQ(attacker.goaway().value_or(999), attack.code);
    }
    EXPECT_LT(ResidentBytes() - before, kAttackers * kMostPerAttacker);
    const int answers = answers_;
    EXPECT_TRUE(testing::Eventually([&] { return answers_ > answers; }));
  }

 private:
  std::unique_ptr<Bystander> bystander_;
  std::atomic<int> answers_ = 0;
  std::atomic<int> failures_ = 0;
  std::jthread caller_;
};

TEST_F(Http2AttacksTest, ByResetsEndAfterABoundedNumber) {
  for (const Attack& attack : Resets()) ExpectEndOf(attack);
}

TEST_F(Http2AttacksTest, ByFloodsEndAfterABoundedNumber) {
  for (const Attack& attack : Floods()) ExpectEndOf(attack);
}

// What looks like an attack and is none.
class BusyClientsTest : public GatewayTest {};

TEST_F(BusyClientsTest, AreNotTakenForAttackers) {
  constexpr uint32_t kCalls = 1000;
  RawHttp2 cancelling(port());
  for (uint32_t i = 0; i < kCalls - 100; ++i) cancelling.Send(Upload(2 * i + 1));
  for (uint32_t i = 0; i < kCalls - 100; ++i) cancelling.Send(Reset(2 * i + 1));
  RawHttp2 measuring(port());
  for (uint32_t i = 0; i < kCalls; ++i) {
    const uint32_t id = 2 * i + 1;
    measuring.Send(Call(id));
    ASSERT_TRUE(measuring.Until([&] { return measuring.answer(id).ended; })) << i;
    measuring.Send(Frame(NGHTTP2_PING, 0, 0, "12345678") + Credit(0, 5));
  }
  for (RawHttp2* client : {&cancelling, &measuring}) {
    client->Send(Call(9999));
    EXPECT_TRUE(client->Until([&] { return client->answer(9999).ended; }));
    EXPECT_FALSE(client->goaway());
  }
}

// Who sends nothing, or begins something and does not go on.
class IdleAttackersTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    config.limits.head_timeout_ns = 200'000'000;
    config.limits.idle_timeout_ns = 400'000'000;
  }
};

TEST_F(IdleAttackersTest, AreNotWaitedForLong) {
  struct Row {
    const char* name;
    std::string bytes;
    uint32_t code;  // of the GOAWAY
  };
  constexpr uint32_t kNone = 999;
  const std::string greeting = absl::StrCat(NGHTTP2_CLIENT_MAGIC, Frame(NGHTTP2_SETTINGS, 0, 0));
  for (const Row& row : std::vector<Row>{
           {"Nothing", "", kNone},
           {"HalfAPreface", "PRI * HTTP/2.0\r\n\r\nS", kNone},
           {"APreface", NGHTTP2_CLIENT_MAGIC, NGHTTP2_NO_ERROR},
           {"HalfOfSettings", greeting.substr(0, 28), NGHTTP2_NO_ERROR},
           {"Settings", greeting, NGHTTP2_NO_ERROR},
           {"HalfAFrame", greeting + Call(1).substr(0, 4), NGHTTP2_NO_ERROR},
           {"HalfAHead", greeting + Headers(1, CallFields(), 0), kCalm},
           {"HalfAHeadersFrame", greeting + Call(1).substr(0, 30), kCalm},
           {"HalfAHeadBesideACall", greeting + Watch(1) + Headers(3, CallFields(), 0), kCalm},
       }) {
    RawHttp2 client(port(), /*greet=*/false);
    client.Send(row.bytes);
    EXPECT_TRUE(client.UntilClosed()) << row.name;
    EXPECT_EQ(client.goaway().value_or(kNone), row.code) << row.name;
  }
  RawHttp2 watching(port());
  watching.Send(Watch(1));
  RawHttp2 idle(port());
  EXPECT_TRUE(idle.UntilClosed());
  EXPECT_FALSE(watching.closed()) << "a call that is open is no idleness";
}

TEST_F(IdleAttackersTest, HaveNoMoreThanTheDeadlineForABody) {
  RawHttp2 client(port());
  client.Send(Headers(1, CallFields() + Fields({{"grpc-timeout", "100m"}})) + Data(1, std::string(3, '\0')));
  EXPECT_TRUE(client.Until([&] { return client.answer(1).ended; }));
  EXPECT_EQ(client.answer(1).Field("grpc-status"), "4");
  EXPECT_TRUE(client.Until([&] { return client.answer(1).reset.has_value(); }));
  EXPECT_EQ(client.answer(1).reset, NGHTTP2_NO_ERROR);
  EXPECT_EQ(service().calls, 0);
}

// Before a backend in another process, which is not measured.
class ZeroWindowTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayConfig config = ConfigFor(replica_.port());
    config.limits.answer_stall_ns = 500'000'000;
    StartGateway(std::move(config));
    AwaitReady();
  }

  Replica replica_;
};

TEST_F(ZeroWindowTest, CostsLittleAndEnds) {
  constexpr uint32_t kCalls = 100;
  grpc::testing::SimpleRequest request;
  request.set_response_size(1 << 20);
  const std::string body = GrpcFrame(request.SerializeAsString());
  const std::string none = Frame(NGHTTP2_SETTINGS, 0, 0, Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0));
  const int64_t before = ResidentBytes();
  RawHttp2 closed(port());
  RawHttp2 shrunk(port());
  closed.Send(none);
  for (uint32_t i = 0; i < kCalls; ++i) {
    const uint32_t id = 2 * i + 1;
    const std::string fields =
        CallFields("/grpc.testing.TestService/UnaryCall") + Fields({{"grpc-timeout", "1S"}});
    for (RawHttp2* client : {&closed, &shrunk})
      client->Send(Headers(id, fields) + Data(id, body, kEndStream));
  }
  shrunk.Send(none);
  testing::EventuallyStill([] { return ResidentBytes() >> 20; });
  EXPECT_LT(ResidentBytes() - before, 2 * kMostPerAttacker);
  for (RawHttp2* client : {&closed, &shrunk}) {
    // Reset, as nobody takes the answer, or told of the deadline where there was none by then.
    const Http2Answer& last = client->answer(2 * kCalls - 1);
    EXPECT_TRUE(client->Until([&] { return last.reset.has_value() || last.ended; }));
    // The connection's window too: answers may have come before the one of their streams was shrunk.
    client->Send(Frame(NGHTTP2_SETTINGS, 0, 0, Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000)) +
                 Credit(0, 1000) + Call(999));
    EXPECT_TRUE(client->Until([&] { return client->answer(999).ended; }));
    EXPECT_EQ(client->answer(999).Field("grpc-status"), "0");
  }
}

}  // namespace
}  // namespace arasta::gateway
