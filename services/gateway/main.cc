// arasta-gateway: the one process that faces clients.
#include <csignal>
#include <cstdlib>

#include "absl/time/clock.h"
#include "common/admin/server.h"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "services/gateway/config.h"
#include "services/gateway/gateway.h"

namespace {

// Blocked before the first thread, so that only the wait below ever sees them.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Fail(const absl::Status& status) {
  arasta::log::Error("cannot start", {{"error", status.message()}});
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  arasta::config::Config config(argc, argv);
  const arasta::gateway::GatewayConfig settings = arasta::gateway::ReadConfig(config);
  config.FinishOrExit();
  arasta::log::Configure("gateway", arasta::log::LevelFromName(settings.log_level));
  const sigset_t end_signals = BlockEndSignals();

  arasta::gateway::Gateway gateway(settings);
  if (const absl::Status started = gateway.Start(); !started.ok()) return Fail(started);
  arasta::admin::Server admin(settings.admin_listen, arasta::metrics::Default());
  admin.AddReadiness("backends", [&gateway] { return gateway.Ready(); });
  if (const absl::Status started = admin.Start(); !started.ok()) return Fail(started);
  arasta::log::Info("serving", {{"address", gateway.address()}, {"admin_address", admin.address()}});

  int signal = 0;
  sigwait(&end_signals, &signal);
  arasta::log::Info("draining", {{"signal", signal}});
  admin.SetDraining();
  absl::SleepFor(settings.drain_delay);
  gateway.Drain(settings.drain_timeout);
  return EXIT_SUCCESS;
}
