// Calls that are cut at every frame, by the client or by the backend, while all protocols are spoken at once.
// Whoever is left is told in its own words, others notice nothing, and in the end nothing is left open.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/metrics/metrics.h"
#include "tests/integration/gateway/any_call.h"
#include "tests/integration/gateway/cutting_backend.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

double Gauge(const char* name) {
  return metrics::NewGauge(name, "").Value();
}

struct Front {
  bool http2;
  WireSecurity security;  // of clients and of backends
};

class CutCallsTest : public GatewayTest, public ::testing::WithParamInterface<Front> {
 protected:
  void SetUp() override {
    for (const char* name : {"shop", "gateway", "backend"}) authority_.Issue(name, name);
    const TlsFiles files{authority_.CertificatePath("backend"), authority_.KeyPath("backend"), ""};
    cutting_ = std::make_unique<CuttingBackend>(Tls() ? &files : nullptr);
    GatewayConfig config = ConfigFor(cutting_->port());
    config.backends[0].tls = Tls();
    config.backends[0].identity = "backend";
    ServeAllProtocols("test", config);
    if (Tls()) {
      config.tls = {authority_.CertificatePath("gateway"), authority_.KeyPath("gateway"),
                    authority_.CaPath()};
      config.front_tls.certificate = authority_.CertificatePath("shop");
      config.front_tls.key = authority_.KeyPath("shop");
    }
    StartGateway(std::move(config));
    AwaitReady();
  }

  static bool Tls() { return GetParam().security == WireSecurity::kTls; }

  std::unique_ptr<AnyCall> Begin(const Protocol& protocol, const CutPlan& plan = {}) const {
    return AnyCall::Make(protocol, {port(), GetParam().http2, GetParam().security},
                         plan.cut == Cut::kNone ? "" : plan.ToText());
  }
  Told Make(const Protocol& protocol, const CutPlan& plan = {}) const {
    const auto call = Begin(protocol, plan);
    call->SendAll();
    return call->AwaitEnd();
  }

  // All protocols at once, a client each.
  static void InEveryProtocol(const std::function<void(const Protocol&)>& client) {
    std::vector<std::thread> clients;
    for (const Protocol& protocol : AllProtocols(GetParam().http2)) {
      clients.emplace_back([&client, protocol] { client(protocol); });
    }
    for (std::thread& each : clients) each.join();
  }

  // But for the watch of the backend's health.
  void ExpectNothingOpen() {
    const auto closed = [&] {
      return Gauge("arasta_gateway_connections") == 0 && Gauge("arasta_gateway_calls_open") == 0 &&
             Gauge("arasta_gateway_backend_calls_open") == 1 && Gauge("arasta_gateway_buffered_bytes") == 0;
    };
    EXPECT_TRUE(arasta::testing::Eventually(closed))
        << Gauge("arasta_gateway_connections") << " connections, " << Gauge("arasta_gateway_calls_open")
        << " calls, " << Gauge("arasta_gateway_backend_calls_open") << " at backends, "
        << Gauge("arasta_gateway_buffered_bytes") << " bytes";
    EXPECT_EQ(cutting_->stalled(), 0u);
    for (const Protocol& protocol : AllProtocols(GetParam().http2)) {
      EXPECT_EQ(Make(protocol), Told::kOk) << protocol.name;
    }
  }

  arasta::testing::CertificateAuthority authority_;
  std::unique_ptr<CuttingBackend> cutting_;
  std::atomic<int> next_call_ = 1;
};

enum class Leaving { kClose, kAbort, kHalfClose, kReset, kGoaway };

void Leave(AnyCall& call, Leaving how) {
  switch (how) {
    case Leaving::kClose:
      return;
    case Leaving::kAbort:
      return call.wire().ResetAtTheEnd();
    case Leaving::kHalfClose:
      call.wire().EndWriting();
      EXPECT_TRUE(call.AwaitClosed());
      return;
    case Leaving::kReset:
      return call.Reset();
    case Leaving::kGoaway:
      return call.Goaway();
  }
}

// What HTTP/1.1 has no word for comes last.
std::vector<Leaving> Leavings(bool http2) {
  if (!http2) return {Leaving::kClose, Leaving::kAbort, Leaving::kHalfClose};
  return {Leaving::kClose, Leaving::kAbort, Leaving::kHalfClose, Leaving::kReset, Leaving::kGoaway};
}

using CutByClientsTest = CutCallsTest;

TEST_P(CutByClientsTest, LeaveNothingOpenAndDisturbNobody) {
  InEveryProtocol([&](const Protocol& protocol) {
    const int pieces = Begin(protocol)->pieces();
    for (const Leaving how : Leavings(GetParam().http2)) {
      for (int sent = 0; sent < pieces; ++sent) {
        const auto call = Begin(protocol);
        call->Send(sent);
        Leave(*call, how);
      }
      // The backend has said that much and no more.
      for (int frames = 0; frames < protocol.frames(); ++frames) {
        const CutPlan plan{Cut::kStall, 2 * frames, next_call_++};
        const auto call = Begin(protocol, plan);
        call->SendAll();
        EXPECT_TRUE(cutting_->AwaitStall(plan.call)) << protocol.name << frames;
        // REST's head waits for the first message, as it may yet be an error.
        const int first = protocol.speech == Speech::kRestStream ? 2 : 1;
        EXPECT_TRUE(!protocol.streams() || frames < first || call->AwaitHead());
        EXPECT_TRUE(!protocol.streams() || frames < 2 || call->AwaitBody());
        Leave(*call, how);
      }
      EXPECT_EQ(Make(protocol), Told::kOk) << protocol.name;
    }
  });
  EXPECT_TRUE(arasta::testing::Eventually([&] { return cutting_->stalled() == 0; }));
  ExpectNothingOpen();
}

using CutByBackendsTest = CutCallsTest;

// Each cut of a connection is one for all calls that are on it.
TEST_P(CutByBackendsTest, AreToldInTheirOwnWords) {
  InEveryProtocol([&](const Protocol& protocol) {
    for (const Cut cut : {Cut::kClose, Cut::kAbort, Cut::kReset, Cut::kGoaway, Cut::kGoawayLeavesOut}) {
      const bool connection = cut == Cut::kClose || cut == Cut::kAbort;
      for (int halves = CutPlan::kAtHead; halves <= 2 * protocol.frames(); ++halves) {
        if (halves > 0 && halves % 2 == 1 && !connection) continue;
        const Told told = Make(protocol, {cut, halves, 0});
        const bool may_be_whole = halves == 2 * protocol.frames() || cut == Cut::kGoaway;
        // What began as a message would be read on into the error.
        const bool within = halves > 0 && halves % 2 == 1 && protocol.ends_among_messages();
        EXPECT_TRUE(told == Told::kError || (may_be_whole && told == Told::kOk) ||
                    (within && told == Told::kNothing))
            << protocol.name << ", cut " << static_cast<int>(cut) << " at " << halves;
      }
    }
  });
  AwaitReady();
  ExpectNothingOpen();
}

TEST_P(CutByBackendsTest, ComeBackWhenBackendsDo) {
  cutting_->TurnAway(4);
  Make(AllProtocols(GetParam().http2).front(), {Cut::kClose, 0, 0});
  EXPECT_TRUE(
      arasta::testing::Eventually([&] { return Make(AllProtocols(GetParam().http2).front()) == Told::kOk; }));
  ExpectNothingOpen();
}

std::string FrontName(const ::testing::TestParamInfo<Front>& info) {
  return absl::StrCat(info.param.http2 ? "Http2" : "Http1",
                      info.param.security == WireSecurity::kTls ? "OverTls" : "");
}

const auto kFronts =
    ::testing::Values(Front{false, WireSecurity::kCleartext}, Front{true, WireSecurity::kCleartext},
                      Front{false, WireSecurity::kTls}, Front{true, WireSecurity::kTls});
INSTANTIATE_TEST_SUITE_P(Fronts, CutByClientsTest, kFronts, FrontName);
INSTANTIATE_TEST_SUITE_P(Fronts, CutByBackendsTest, kFronts, FrontName);

}  // namespace
}  // namespace arasta::gateway
