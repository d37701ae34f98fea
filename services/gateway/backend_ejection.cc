// Which of a Backend's connections are left alone for a while: those whose calls fail one after the other,
// and those whose answers take out of all proportion to those of the other replicas.
#include <algorithm>

#include "common/log/log.h"
#include "services/gateway/backend_line.h"

namespace arasta::gateway {
namespace {

// It costs a connection its share of the calls for that long, doubled each time until it has been well for a
// while.
constexpr int64_t kFirstEjectionNs = 500'000'000;
constexpr int64_t kLongestEjectionNs = 2'000'000'000;
constexpr int64_t kForgiveNs = 10'000'000'000;

}  // namespace

Backend::Illness::Illness(const std::string& backend, const std::string& its_name)
    : name(its_name),
      ejections(metrics::NewCounter("arasta_gateway_ejections_total",
                                    "Connections that were left alone for a while",
                                    {{"backend", backend}, {"reason", its_name}})) {}

bool Backend::Ejected(const Line& line) const {
  return loop_.now_ns() < line.ejected_until_ns;
}

void Backend::OnFailing(BackConnection& connection) {
  if (Line* line = LineOf(connection)) Eject(*line, failing_);
}

void Backend::OnMeasured(BackConnection& connection) {
  Line* line = LineOf(connection);
  if (line == nullptr) return;
  std::vector<int64_t> others;
  for (const auto& each : lines_) {
    if (each->place == line->place || !Ready(*each)) continue;
    if (const int64_t latency_ns = each->connection->LatencyNs(); latency_ns >= 0)
      others.push_back(latency_ns);
  }
  if (StandsOut(connection.LatencyNs(), std::move(others))) Eject(*line, slow_);
}

// Never more than half of them: what then remains would only break down under the load of all.
void Backend::Eject(Line& line, const Illness& illness) {
  if (Ejected(line)) return;
  const auto ejected =
      std::count_if(lines_.begin(), lines_.end(), [this](const auto& each) { return Ejected(*each); });
  if (2 * (static_cast<size_t>(ejected) + 1) > lines_.size()) return;
  const bool forgiven = loop_.now_ns() - line.ejected_until_ns > kForgiveNs;
  line.ejection_ns = forgiven ? kFirstEjectionNs : std::min(2 * line.ejection_ns, kLongestEjectionNs);
  line.ejected_until_ns = loop_.now_ns() + line.ejection_ns;
  illness.ejections.Increment();
  log::Warning("backend ejected",
               {{"backend", options_.name}, {"address", line.address.ToString()}, {"reason", illness.name}});
}

}  // namespace arasta::gateway
