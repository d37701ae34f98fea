// HTTP/1.1 byte by byte.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/support/loopback.h"

namespace arasta::gateway {

class RawClient {
 public:
  explicit RawClient(int port) : fd_(arasta::testing::ConnectToLoopback(port)) { EXPECT_GE(fd_, 0); }
  ~RawClient() { close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(const std::string& bytes) {
    EXPECT_EQ(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // All that comes until `end` has come, or the other side closes.
  std::string ReadUntil(absl::string_view end) {
    std::string seen;
    char buffer[4096];
    for (size_t searched = 0; absl::string_view(seen).find(end, searched) == absl::string_view::npos;) {
      searched = seen.size() - std::min(seen.size(), end.size());
      const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      seen.append(buffer, static_cast<size_t>(count));
    }
    return seen;
  }
  std::string ReadToEnd() { return ReadUntil("never"); }

  int fd() const { return fd_; }

 private:
  int fd_;
};

// A gRPC-Web call.
inline std::string Post(const std::string& path, const std::string& body, const std::string& more = "") {
  return absl::StrCat("POST ", path,
                      " HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web\r\nContent-Length: ",
                      body.size(), "\r\n", more, "\r\n", body);
}

// How its answer ends.
inline constexpr char kLastChunk[] = "\r\n0\r\n\r\n";

}  // namespace arasta::gateway
