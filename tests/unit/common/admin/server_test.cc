#include "common/admin/server.h"

#include <httplib.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/eventually.h"

namespace arasta::admin {
namespace {

using ::testing::HasSubstr;

class AdminServerTest : public ::testing::Test {
 protected:
  httplib::Result Get(const std::string& path) {
    return httplib::Client("127.0.0.1", server_.port()).Get(path);
  }

  // Of the line that begins with that metric; -1 where there is none.
  static double ValueOf(const std::string& body, const std::string& metric) {
    const size_t at = absl::StrCat("\n", body).find(absl::StrCat("\n", metric, " "));
    return at == std::string::npos ? -1 : std::stod(body.substr(at + metric.size() + 1));
  }

  metrics::Registry registry_;
  Server server_{"127.0.0.1:0", registry_};
};

TEST_F(AdminServerTest, ServesMetrics) {
  metrics::NewCounter("arasta_test_total", "Tests", {}, registry_).Increment();
  ASSERT_TRUE(server_.Start().ok());
  const httplib::Result answer = Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, HasSubstr("arasta_test_total 1"));
}

// As `openssl x509 -enddate` says it of the same file.
TEST_F(AdminServerTest, TellsOfTheProcessAndItsCertificates) {
  const std::string file = absl::StrCat(::testing::TempDir(), "/admin_server_test.crt");
  const std::string make =
      absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ",
                   "-days 30 -subj /CN=test -keyout /dev/null -out ", file, " 2>/dev/null");
  ASSERT_EQ(std::system(make.c_str()), 0);
  server_.AddCertificate(file);
  server_.AddCertificate("/nowhere.crt");
  ASSERT_TRUE(server_.Start().ok());
  const std::string body = Get("/metrics")->body;
  EXPECT_THAT(body, HasSubstr("arasta_certificate_expiry_timestamp_seconds{file=\"/nowhere.crt\"} 0"));
  EXPECT_NEAR(ValueOf(body, absl::StrCat("arasta_certificate_expiry_timestamp_seconds{file=\"", file, "\"}")),
              static_cast<double>(time(nullptr) + 30 * 24 * 3600), 60);
  EXPECT_NEAR(ValueOf(body, "process_start_time_seconds"), static_cast<double>(time(nullptr)), 600);
  EXPECT_GT(ValueOf(body, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(ValueOf(body, "process_cpu_seconds_total"), 0);
  EXPECT_GE(ValueOf(body, "process_open_fds"), 3);
  EXPECT_GE(ValueOf(body, "process_max_fds"), ValueOf(body, "process_open_fds"));
}

TEST_F(AdminServerTest, IsReadyWhenEveryCheckIs) {
  std::atomic<bool> database_up{false};
  server_.AddReadiness("keys", [] { return absl::OkStatus(); });
  server_.AddReadiness("database", [&database_up] {
    return database_up ? absl::OkStatus() : absl::UnavailableError("no connection");
  });
  ASSERT_TRUE(server_.Start().ok());
  EXPECT_EQ(Get("/readyz")->status, 503);
  EXPECT_EQ(Get("/readyz")->body, "keys: ok\ndatabase: no connection\n");
  database_up = true;
  EXPECT_EQ(Get("/readyz")->status, 200);
}

TEST_F(AdminServerTest, DrainingIsAliveButNotReady) {
  ASSERT_TRUE(server_.Start().ok());
  EXPECT_EQ(Get("/readyz")->status, 200);
  server_.SetDraining();
  EXPECT_EQ(Get("/readyz")->status, 503);
  EXPECT_EQ(Get("/livez")->status, 200);
}

TEST_F(AdminServerTest, AnswersProbesWhileScrapersKeepTheirConnections) {
  ASSERT_TRUE(server_.Start().ok());
  std::array<httplib::Client, 4> scrapers = {
      httplib::Client("127.0.0.1", server_.port()), httplib::Client("127.0.0.1", server_.port()),
      httplib::Client("127.0.0.1", server_.port()), httplib::Client("127.0.0.1", server_.port())};
  for (httplib::Client& scraper : scrapers) {
    scraper.set_keep_alive(true);
    scraper.set_read_timeout(std::chrono::seconds(2));
    EXPECT_TRUE(scraper.Get("/metrics"));
  }
}

// As a database does that takes connections and answers nobody. A kubelet asks again every other second, and
// what does not say that it lives is killed.
TEST_F(AdminServerTest, LivesWhileReadinessWaitsForWhoDoesNotAnswer) {
  absl::Notification answer;
  server_.AddReadiness("database", [&answer] {
    answer.WaitForNotification();
    return absl::OkStatus();
  });
  ASSERT_TRUE(server_.Start().ok());
  std::vector<std::jthread> probes;
  for (int i = 0; i < 8; ++i) probes.emplace_back([this] { Get("/readyz"); });
  EXPECT_TRUE(arasta::testing::Eventually([this] {
    const httplib::Result answer = Get("/readyz");
    return answer && answer->body == "not known: a check takes long\n";
  }));
  for (const char* path : {"/livez", "/metrics"}) {
    const httplib::Result answer = Get(path);
    EXPECT_TRUE(answer && answer->status == 200) << path;
  }
  answer.Notify();
  probes.clear();
  EXPECT_EQ(Get("/readyz")->status, 200);
}

// What a check looks at may go once the server has stopped.
TEST_F(AdminServerTest, StopsWhenTheLastCheckHasAnswered) {
  absl::Notification asked;
  absl::Notification answer;
  std::atomic<bool> answered{false};
  server_.AddReadiness("database", [&] {
    asked.Notify();
    answer.WaitForNotification();
    answered = true;
    return absl::OkStatus();
  });
  ASSERT_TRUE(server_.Start().ok());
  const std::jthread probe([this] { Get("/readyz"); });
  asked.WaitForNotification();
  const std::jthread stop([&] {
    server_.Stop();
    EXPECT_TRUE(answered);
  });
  answer.Notify();
}

TEST_F(AdminServerTest, AnythingElseIsNotFound) {
  ASSERT_TRUE(server_.Start().ok());
  EXPECT_EQ(Get("/")->status, 404);
}

TEST_F(AdminServerTest, APortInUseIsAnError) {
  ASSERT_TRUE(server_.Start().ok());
  Server second(server_.address(), registry_);
  EXPECT_EQ(second.Start().code(), absl::StatusCode::kUnavailable);
}

TEST(AdminServerAddressTest, MalformedAddressesAreRefused) {
  metrics::Registry registry;
  for (const char* address : {"", "9090", ":9090", "127.0.0.1:port", "127.0.0.1:70000", "[::1:80"}) {
    EXPECT_EQ(Server(address, registry).Start().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

}  // namespace
}  // namespace arasta::admin
