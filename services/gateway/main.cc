// arasta-gateway: the one process that faces clients.
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "absl/time/clock.h"
#include "common/admin/server.h"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/otlp/trace_exporter.h"
#include "services/gateway/config.h"
#include "services/gateway/gateway.h"

namespace {

// Blocked before the first thread, so that only the wait below ever sees them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Fail(const absl::Status& status) {
  arasta::log::Error("cannot start", {{"error", status.message()}});
  return EXIT_FAILURE;
}

// All is read anew, as at the start: the files that variables name, and those that they name in turn.
void Reload(arasta::gateway::Gateway& gateway, int argc, char** argv) {
  arasta::config::Config config(argc, argv);
  const arasta::gateway::GatewayConfig settings = arasta::gateway::ReadConfig(config);
  absl::Status status = config.Finish();
  if (status.ok()) status = gateway.Reload(settings);
  if (status.ok()) return arasta::log::Info("configuration reloaded");
  arasta::log::Error("configuration refused, the former one stays", {{"error", status.message()}});
}

// The next signal. Certificates are looked after meanwhile.
int AwaitSignal(const sigset_t& signals, arasta::gateway::Gateway& gateway, absl::Duration interval) {
  const timespec patience = absl::ToTimespec(interval);
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, &patience);
    if (signal > 0) return signal;
    if (errno == EAGAIN) gateway.RefreshCertificates();
  }
}

}  // namespace

int main(int argc, char** argv) {
  arasta::config::Config config(argc, argv);
  const arasta::gateway::GatewayConfig settings = arasta::gateway::ReadConfig(config);
  config.FinishOrExit();
  arasta::log::Configure("gateway", arasta::log::LevelFromName(settings.log_level));
  arasta::log::NeverWait();
  const sigset_t signals = BlockSignals();

  const auto traces = arasta::otlp::TraceExporter::Start(settings.traces, "gateway");
  arasta::gateway::Gateway gateway(settings);
  if (const absl::Status started = gateway.Start(); !started.ok()) return Fail(started);
  arasta::admin::Server admin(settings.admin_listen, arasta::metrics::Default());
  admin.AddReadiness("backends", [&gateway] { return gateway.Ready(); });
  for (const std::string& file :
       {settings.tls.certificate, settings.tls.authority, settings.front_tls.certificate}) {
    if (!file.empty()) admin.AddCertificate(file);
  }
  if (const absl::Status started = admin.Start(); !started.ok()) return Fail(started);
  arasta::log::Info("serving", {{"address", gateway.address()}, {"admin_address", admin.address()}});

  int signal = 0;
  while ((signal = AwaitSignal(signals, gateway, settings.certificate_interval)) == SIGHUP) {
    Reload(gateway, argc, argv);
  }
  arasta::log::Info("draining", {{"signal", signal}});
  admin.SetDraining();
  absl::SleepFor(settings.drain_delay);
  gateway.Drain(settings.drain_timeout);
  return EXIT_SUCCESS;
}
