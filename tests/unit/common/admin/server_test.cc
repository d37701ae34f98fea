#include "common/admin/server.h"

#include <httplib.h>

#include <array>
#include <atomic>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace arasta::admin {
namespace {

using testing::HasSubstr;

class AdminServerTest : public testing::Test {
 protected:
  httplib::Result Get(const std::string& path) {
    return httplib::Client("127.0.0.1", server_.port()).Get(path);
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
