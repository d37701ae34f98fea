// The exporter and a collector that is really there, or really is not.
#include "common/otlp/trace_exporter.h"

#include <gmock/gmock.h>
#include <httplib.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/trace/span.h"
#include "tests/support/eventually.h"
#include "tests/support/loopback.h"

namespace arasta::otlp {
namespace {

using ::arasta::testing::Eventually;
using Json = nlohmann::json;

// Keeps what it is sent, and answers as it is told to.
class Collector {
 public:
  Collector() {
    http_.Post("/v1/traces", [this](const httplib::Request& request, httplib::Response& response) {
      ++offers_;
      response.status = status;
      if (response.status != 200) return;
      EXPECT_EQ(request.get_header_value("content-type"), "application/json");
      MutexLock lock(mutex_);
      requests_.push_back(Json::parse(request.body));
      response.set_content("{}", "application/json");
    });
    port_ = http_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    while (!http_.is_running()) std::this_thread::yield();
  }
  ~Collector() {
    http_.stop();
    thread_.join();
  }

  std::string endpoint() const { return absl::StrCat("http://127.0.0.1:", port_); }
  int offers() const { return offers_; }

  // The names of the spans that were taken, by the service that sent them.
  std::multimap<std::string, std::string> Spans() {
    MutexLock lock(mutex_);
    std::multimap<std::string, std::string> spans;
    for (const Json& request : requests_) {
      for (const Json& resource : request["resourceSpans"]) {
        const std::string service = resource["resource"]["attributes"][1]["value"]["stringValue"];
        for (const Json& span : resource["scopeSpans"][0]["spans"]) spans.emplace(service, span["name"]);
      }
    }
    return spans;
  }
  size_t batches() {
    MutexLock lock(mutex_);
    return requests_.size();
  }

  std::atomic<int> status{200};

 private:
  httplib::Server http_;
  int port_ = 0;
  std::atomic<int> offers_{0};
  Mutex mutex_;
  std::vector<Json> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

std::unique_ptr<TraceExporter> StartAt(const std::string& endpoint, double ratio = 1) {
  return TraceExporter::Start({.endpoint = endpoint,
                               .ratio = ratio,
                               .interval = absl::Milliseconds(20),
                               .patience = absl::Milliseconds(200)},
                              "order");
}

void DoWork(int count) {
  for (int i = 0; i < count; ++i)
    trace::Span(trace::Context::NewRoot(), trace::Kind::kInternal, absl::StrCat("work ", i));
}

double Dropped(const std::string& reason) {
  return metrics::NewCounter("arasta_trace_spans_dropped_total", "Spans that reached no collector",
                             {{"reason", reason}})
      .Value();
}

TEST(TraceExporterTest, TakesSpansToTheCollector) {
  Collector collector;
  const auto exporter = StartAt(collector.endpoint());
  DoWork(3);
  EXPECT_TRUE(Eventually([&] { return collector.Spans().size() == 3; }));
  DoWork(1);
  EXPECT_TRUE(Eventually([&] { return collector.Spans().count("order") == 4; }));
}

TEST(TraceExporterTest, IsOffWithoutAnEndpoint) {
  EXPECT_EQ(TraceExporter::Start({}, "order"), nullptr);
  EXPECT_FALSE(trace::IsRecording());
}

TEST(TraceExporterTest, HandsOverWhatIsLeftWhenTheProcessEnds) {
  Collector collector;
  auto exporter =
      TraceExporter::Start({.endpoint = collector.endpoint(), .interval = absl::Hours(1)}, "order");
  DoWork(1000);
  exporter.reset();
  EXPECT_EQ(collector.Spans().size(), 1000u);
  EXPECT_LE(collector.batches(), 3u);
  EXPECT_FALSE(trace::IsRecording());
}

TEST(TraceExporterTest, OffersABatchAgainWhereTheCollectorAsksForIt) {
  Collector collector;
  collector.status = 503;
  const auto exporter = StartAt(collector.endpoint());
  DoWork(1);
  ASSERT_TRUE(Eventually([&] { return collector.offers() == 1; }));
  collector.status = 200;
  EXPECT_TRUE(Eventually([&] { return collector.Spans().size() == 1; }));
}

TEST(TraceExporterTest, DropsWhatTheCollectorRefuses) {
  const double before = Dropped("not_taken");
  Collector collector;
  collector.status = 400;
  const auto exporter = StartAt(collector.endpoint());
  DoWork(2);
  EXPECT_TRUE(Eventually([&] { return Dropped("not_taken") == before + 2; }));
  EXPECT_EQ(collector.offers(), 1);
  collector.status = 200;
  DoWork(1);
  EXPECT_TRUE(Eventually([&] { return collector.Spans().size() == 1; }));
}

TEST(TraceExporterTest, NeitherHoldsUpNorPilesUpWhereTheCollectorHangs) {
  const double full = Dropped("queue_full");
  const testing::LoopbackListener hanging = testing::ListenOnLoopback();
  auto exporter = StartAt(absl::StrCat("http://127.0.0.1:", hanging.port));
  const absl::Time start = absl::Now();
  DoWork(static_cast<int>(trace::kMaxEndedSpans) * 3);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10)) << "spans wait for nobody";
  EXPECT_TRUE(Eventually([&] { return Dropped("queue_full") > full; }));
  const absl::Time end = absl::Now();
  exporter.reset();
  EXPECT_LT(absl::Now() - end, absl::Seconds(10)) << "nor does the end of the process";
  close(hanging.fd);
}

TEST(TraceExporterTest, RefusesAnEndpointThatIsNone) {
  for (const char* endpoint : {"collector:4318", "ftp://collector", "http://", "http://collector/v1/traces",
                               "http://user:password@collector"}) {
    config::Config config({{"ARASTA_PROFILE", "test"}, {"ARASTA_TRACES_ENDPOINT", endpoint}}, {});
    ReadTraceSettings(config);
    EXPECT_FALSE(config.Finish().ok()) << endpoint;
  }
  config::Config config({{"ARASTA_PROFILE", "test"},
                         {"ARASTA_TRACES_ENDPOINT", "https://collector:4318"},
                         {"ARASTA_TRACES_RATIO", "0.25"}},
                        {});
  const TraceSettings settings = ReadTraceSettings(config);
  EXPECT_TRUE(config.Finish().ok());
  EXPECT_EQ(settings.endpoint, "https://collector:4318");
  EXPECT_EQ(settings.ratio, 0.25);
}

}  // namespace
}  // namespace arasta::otlp
