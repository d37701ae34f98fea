// Whole runs over HTTP/1.1 against a server that answers what it is told; tests/bench itself meets HTTP/2.
#include "tests/bench/load/run.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/support/loopback.h"

namespace arasta::bench {
namespace {

// Answers every request without a body with the next of its answers, the last one over and over; an empty
// answer closes the connection.
class OneLineServer {
 public:
  explicit OneLineServer(std::vector<std::string> answers)
      : answers_(std::move(answers)), thread_([this] { Serve(); }) {}
  ~OneLineServer() {
    shutdown(listener_.fd, SHUT_RDWR);
    thread_.join();
    close(listener_.fd);
  }

  int port() const { return listener_.port; }

 private:
  void Serve() {
    for (int fd = -1; (fd = accept(listener_.fd, nullptr, nullptr)) >= 0;) {
      std::string input;
      std::array<char, 4096> buffer;
      for (ssize_t count = 0; (count = recv(fd, buffer.data(), buffer.size(), 0)) > 0;) {
        input.append(buffer.data(), static_cast<size_t>(count));
        if (input.size() < 4 || input.compare(input.size() - 4, 4, "\r\n\r\n") != 0) continue;
        input.clear();
        const std::string answer = answers_[std::min(next_++, answers_.size() - 1)];
        if (answer.empty()) break;
        send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      close(fd);
    }
  }

  const std::vector<std::string> answers_;
  size_t next_ = 0;
  const testing::LoopbackListener listener_ = testing::ListenOnLoopback();
  std::jthread thread_;
};

Report RunAgainst(const std::vector<std::string>& answers, size_t count, RunOptions options = {}) {
  OneLineServer server(answers);
  const std::vector<Request> requests(count, Request{"GET", "/", {}, ""});
  options.port = server.port();
  options.protocol = Protocol::kJson;
  options.http2 = false;
  options.once = true;
  Run run(options, requests);
  absl::StatusOr<Report> report = run.Go();
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

constexpr char kOkAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(RunTest, SendsEachRequestOnceAndCountsTheAnswers) {
  const Report report =
      RunAgainst({kOkAnswer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", kOkAnswer}, 5);
  EXPECT_EQ(report.sent, 5);
  EXPECT_EQ(report.ok, 4);
  EXPECT_EQ(report.latency.count(), 4);
  EXPECT_EQ(report.failed, (std::map<int, int64_t>{{kHttp + 404, 1}}));
}

TEST(RunTest, ReadsChunks) {
  const Report report = RunAgainst(
      {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nq: r\r\n\r\n"},
      3);
  EXPECT_EQ(report.ok, 3);
}

TEST(RunTest, CountsAClosedConnectionAndGoesOn) {
  const Report report = RunAgainst({kOkAnswer, "", kOkAnswer}, 3);
  EXPECT_EQ(report.ok, 2);
  EXPECT_EQ(report.failed, (std::map<int, int64_t>{{kBroken, 1}}));
}

TEST(RunTest, ALateSuccessIsNone) {
  const Report report = RunAgainst({kOkAnswer}, 3, {.within = 1e-9});
  EXPECT_EQ(report.ok, 0);
  EXPECT_EQ(report.failed, (std::map<int, int64_t>{{kLate, 3}}));
}

TEST(RunTest, CountsWhatIsNeverAnswered) {
  const Report report = RunAgainst({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"}, 1, {.patience = 0.05});
  EXPECT_EQ(report.ok, 0);
  EXPECT_EQ(report.failed, (std::map<int, int64_t>{{kUnanswered, 1}}));
}

}  // namespace
}  // namespace arasta::bench
