#include "common/otlp/trace_exporter.h"

#include <httplib.h>

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/mutex.h"
#include "common/base/uuid.h"
#include "common/log/log.h"
#include "common/trace/recording.h"

namespace arasta::otlp {
namespace {

constexpr size_t kBatch = 512;
constexpr int kOffers = 3;

metrics::Counter& Dropped(const char* reason) {
  return metrics::NewCounter("arasta_trace_spans_dropped_total", "Spans that reached no collector",
                             {{"reason", reason}});
}

// "http://host:port" or "https://host:port"; what else a URL may have, the protocol adds.
bool IsEndpoint(absl::string_view endpoint) {
  const bool web = absl::ConsumePrefix(&endpoint, "http://") || absl::ConsumePrefix(&endpoint, "https://");
  return web && !endpoint.empty() && endpoint.find_first_of("/?#@ ") == absl::string_view::npos;
}

}  // namespace

TraceSettings ReadTraceSettings(config::Config& config) {
  TraceSettings settings;
  settings.endpoint = config.String("ARASTA_TRACES_ENDPOINT", "",
                                    "OpenTelemetry collector that traces are sent to by OTLP/HTTP, such as "
                                    "http://127.0.0.1:4318; without one there are none");
  settings.ratio = config.Number("ARASTA_TRACES_RATIO", config.IsProduction() ? 0.01 : 1, 0, 1,
                                 "Share of the traces that begin here which are recorded; of others, those "
                                 "that the caller recorded");
  if (!settings.endpoint.empty() && !IsEndpoint(settings.endpoint)) {
    config.AddProblem(
        absl::StrCat("ARASTA_TRACES_ENDPOINT=", settings.endpoint, " is not http[s]://host:port"));
  }
  return settings;
}

// One connection that is kept, for one thread.
class TraceExporter::Collector {
 public:
  explicit Collector(const TraceSettings& settings) : http_(settings.endpoint) {
    const auto patience = absl::ToChronoMilliseconds(settings.patience);
    http_.set_keep_alive(true);
    http_.set_connection_timeout(patience);
    http_.set_read_timeout(patience);
    http_.set_write_timeout(patience);
  }

  // As OTLP/HTTP says: these codes, and no answer at all, ask for another try.
  Answer Offer(const std::string& body) {
    const httplib::Result result = http_.Post("/v1/traces", body, "application/json");
    const int status = result ? result->status : 0;
    Answer answer = Answer::kRefused;
    if (status / 100 == 2) answer = Answer::kTaken;
    if (status == 0 || status == 429 || status == 502 || status == 503 || status == 504)
      answer = Answer::kLater;
    // Once, not for every batch.
    if (status != std::exchange(last_status_, status) && answer != Answer::kTaken)
      log::Warning("traces not taken", {{"http_status", status}});
    return answer;
  }

 private:
  httplib::Client http_;
  int last_status_ = 200;
};

std::unique_ptr<TraceExporter> TraceExporter::Start(const TraceSettings& settings,
                                                    absl::string_view service) {
  if (settings.endpoint.empty()) return nullptr;
  return std::unique_ptr<TraceExporter>(new TraceExporter(settings, service));
}

TraceExporter::TraceExporter(const TraceSettings& settings, absl::string_view service)
    : settings_(settings),
      resource_{std::string(service), Uuid::V4().ToString()},
      exported_(metrics::NewCounter("arasta_trace_spans_exported_total", "Spans that the collector took")),
      queue_full_(Dropped("queue_full")),
      not_taken_(Dropped("not_taken")),
      collector_(std::make_unique<Collector>(settings)) {
  trace::StartRecording(settings.ratio);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

TraceExporter::~TraceExporter() {
  thread_ = std::jthread();
  trace::StopRecording();
}

void TraceExporter::Run(const std::stop_token& stop) {
  for (;;) {
    const bool last = stop.stop_requested();
    const std::vector<trace::SpanRecord> spans = trace::TakeEnded(kBatch, settings_.interval, stop);
    queue_full_.Increment(static_cast<double>(trace::TakeDropped()));
    const bool taken = spans.empty() || Export(spans, stop);
    // One try is all that a process which ends can wait for.
    if (last && (spans.empty() || !taken)) return;
  }
}

bool TraceExporter::Export(const std::vector<trace::SpanRecord>& spans, const std::stop_token& stop) {
  const std::string body = ToJson(resource_, spans);
  Answer answer = collector_->Offer(body);
  for (int offers = 1; answer == Answer::kLater && offers < kOffers && !stop.stop_requested(); ++offers) {
    Pause(stop);
    answer = collector_->Offer(body);
  }
  const bool taken = answer == Answer::kTaken;
  (taken ? exported_ : not_taken_).Increment(static_cast<double>(spans.size()));
  return taken;
}

void TraceExporter::Pause(const std::stop_token& stop) const {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  never.WaitFor(mutex, stop, settings_.interval, [] { return false; });
}

}  // namespace arasta::otlp
