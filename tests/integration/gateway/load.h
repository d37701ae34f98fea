// Clients that call and call, for tests of what becomes of their calls while something happens.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "grpc/testing/test.grpc.pb.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {

// Nothing that may be made again.
inline grpc::Status Empty(grpc::testing::TestService::Stub& stub) {
  grpc::ClientContext context;
  grpc::testing::Empty empty;
  return stub.EmptyCall(&context, empty, &empty);
}

// Calls one after the other from several clients at a time, until it is told to stop.
class Load {
 public:
  using Call = std::function<grpc::Status(grpc::testing::TestService::Stub&)>;

  Load(const std::function<std::unique_ptr<grpc::testing::TestService::Stub>()>& connect, Call call) {
    for (int i = 0; i < kClients; ++i) {
      clients_.emplace_back([this, call, stub = connect()](std::stop_token stop) {
        while (!stop.stop_requested()) Count(call(*stub));
      });
    }
  }
  void Await(int more) {
    const int goal = done_ + more;
    EXPECT_TRUE(arasta::testing::Eventually([&] { return done_ >= goal; }, absl::Seconds(30)));
  }
  // The errors of all calls.
  std::vector<std::string> Stop() {
    for (std::jthread& client : clients_) client.request_stop();
    clients_.clear();
    MutexLock lock(mutex_);
    return errors_;
  }

 private:
  static constexpr int kClients = 8;

  void Count(const grpc::Status& status) {
    ++done_;
    if (status.ok()) return;
    MutexLock lock(mutex_);
    errors_.push_back(absl::StrCat(status.error_code(), " ", status.error_message()));
  }

  std::atomic<int> done_ = 0;
  Mutex mutex_;
  std::vector<std::string> errors_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::jthread> clients_;
};

}  // namespace arasta::gateway
