// Backends whose names stand for other addresses after a while, as those of a headless service do.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

const char kEmptyCall[] = "/grpc.testing.TestService/EmptyCall";
const char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

struct NameServer {
  Mutex mutex;
  std::vector<int> ports ABSL_GUARDED_BY(mutex);

  absl::StatusOr<std::vector<SocketAddress>> Lookup() {
    MutexLock lock(mutex);
    if (ports.empty()) return absl::UnavailableError("the name server says nothing");
    std::vector<SocketAddress> addresses;
    for (const int port : ports)
      addresses.push_back(SocketAddress::Parse(absl::StrCat("127.0.0.1:", port)).value());
    return addresses;
  }
};

class NamesTest : public GatewayTest {
 protected:
  void SetUp() override {
    backend_ = std::make_unique<TestBackend>();
    Start(absl::Milliseconds(10));
  }
  void Start(absl::Duration lookup_interval) {
    GatewayConfig config = ConfigFor(0);
    config.backends[0].addresses = {"test.shop:80"};
    config.lookup_interval = lookup_interval;
    config.lookup = [names = names_](const std::string&) { return names->Lookup(); };
    StartGateway(std::move(config));
  }

  // Where the name's replicas are; nowhere is a failing lookup.
  void MoveTo(std::vector<int> ports) {
    MutexLock lock(names_->mutex);
    names_->ports = std::move(ports);
  }
  std::string Call() {
    Http2Client client(port());
    return client.Await(client.Send(kEmptyCall, GrpcFrame(""))).Field("grpc-status");
  }
  // Calls until one reaches this backend.
  bool Reaches(TestBackend& backend) {
    const int before = backend.service().calls;
    return arasta::testing::Eventually([&] { return Call() == "0" && backend.service().calls > before; });
  }

 private:
  // A lookup may still be under way when the test has ended.
  const std::shared_ptr<NameServer> names_ = std::make_shared<NameServer>();
};

TEST_F(NamesTest, ANameThatIsNotKnownYetIsWaitedFor) {
  EXPECT_EQ(Call(), "14");
  EXPECT_FALSE(gateway_->Ready().ok());
  MoveTo({backend_->port()});
  AwaitReady();
  EXPECT_EQ(Call(), "0");
}

TEST_F(NamesTest, AddressesThatAppearAreCalledAndThoseThatVanishAreLeft) {
  MoveTo({backend_->port()});
  AwaitReady();
  TestBackend second;
  MoveTo({backend_->port(), second.port()});
  EXPECT_TRUE(Reaches(second));
  EXPECT_TRUE(Reaches(*backend_));
  MoveTo({second.port()});
  EXPECT_TRUE(arasta::testing::EventuallyStill([&] {
    Call();
    return backend_->service().calls.load();
  }));
  EXPECT_TRUE(Reaches(second));
}

TEST_F(NamesTest, CallsAtAnAddressThatVanishedRunToTheirEnd) {
  MoveTo({backend_->port()});
  AwaitReady();
  Http2Client client(port());
  const int32_t watch = client.Send(kHealthWatch, GrpcFrame(""));
  ASSERT_TRUE(client.Until([&] { return backend_->health().watches == 1; }));
  TestBackend second;
  MoveTo({second.port()});
  EXPECT_TRUE(Reaches(second));
  const size_t seen = client.answer(watch).body.size();
  backend_->health().SetServing(false);
  EXPECT_TRUE(client.Until([&] { return client.answer(watch).body.size() > seen; }));
}

TEST_F(NamesTest, ALookupThatFailsChangesNothing) {
  MoveTo({backend_->port()});
  AwaitReady();
  MoveTo({});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Call(), "0");
  EXPECT_TRUE(gateway_->Ready().ok());
}

// Looks again only when it has to.
class RareLookupsTest : public NamesTest {
 protected:
  void SetUp() override { backend_ = std::make_unique<TestBackend>(); }
  void StartAt(std::vector<int> ports) {
    MoveTo(std::move(ports));
    Start(absl::Hours(1));
  }
};

TEST_F(RareLookupsTest, ACallToANameThatIsNotKnownHasItLookedUp) {
  StartAt({});
  EXPECT_EQ(Call(), "14");
  MoveTo({backend_->port()});
  EXPECT_TRUE(Reaches(*backend_));
}

TEST_F(RareLookupsTest, WhenAllReplicasAreGoneOthersAreFoundBeforeAnybodyCalls) {
  TestBackend second;
  StartAt({backend_->port()});
  AwaitReady();
  backend_.reset();
  EXPECT_TRUE(arasta::testing::Eventually([&] { return !gateway_->Ready().ok(); }));
  MoveTo({second.port()});
  AwaitReady();
  EXPECT_EQ(Call(), "0");
}

// They are about to end: calls should be the last to notice.
TEST_F(RareLookupsTest, ReplicasThatSayThatTheyDoNotServeAreLeftForOthers) {
  TestBackend second;
  StartAt({backend_->port()});
  AwaitReady();
  MoveTo({second.port()});
  backend_->health().SetServing(false);
  EXPECT_TRUE(Reaches(second));
}

class LocalhostTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    config.backends[0].addresses = {absl::StrCat("localhost:", backend_->port())};
  }
};

TEST_F(LocalhostTest, IsARealName) {
  Http2Client client(port());
  EXPECT_EQ(client.Await(client.Send(kEmptyCall, GrpcFrame(""))).Field("grpc-status"), "0");
}

}  // namespace
}  // namespace arasta::gateway
