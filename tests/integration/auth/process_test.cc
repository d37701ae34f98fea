// The program itself, called over gRPC, killed, started again.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_internal_service.grpc.pb.h"
#include "arasta/auth/v1/auth_service.grpc.pb.h"
#include "common/events/partition.h"
#include "common/redis/redis.h"
#include "common/rpc/channel.h"
#include "common/rpc/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/call.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"
#include "tests/support/redis.h"

namespace arasta::auth {
namespace {

using testing::HasReason;
using testing::IsOk;

constexpr char kEmail[] = "anna@example.com";
constexpr char kPassword[] = "violet umbrellas at dawn";

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() : database_({}) { EXPECT_EQ(Run({"migrate"}), 0); }

  std::vector<std::string> CommandLine(const std::vector<std::string>& arguments) const {
    std::vector<std::string> line = {"/usr/bin/env",
                                     "ARASTA_PROFILE=test",
                                     "ARASTA_PASSWORD_MEMORY_KIB=8",
                                     "ARASTA_PASSWORD_PASSES=1",
                                     "ARASTA_CRASH_POINT=" + crash_point_,
                                     "ARASTA_REFRESH_GRACE=" + grace_,
                                     "ARASTA_DATABASE_URL=" + database_.conninfo(),
                                     "ARASTA_MIGRATION_DATABASE_URL=" + database_.owner_conninfo(),
                                     "ARASTA_EVENTS_REDIS=" + redis_.address(),
                                     "ARASTA_CACHE_REDIS=" + redis_.address(),
                                     ARASTA_AUTH_PROGRAM};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return line;
  }

  // To its end; the exit code.
  int Run(const std::vector<std::string>& arguments) {
    testing::ChildProcess process(CommandLine(arguments), {getuid(), getgid()}, dir_.path() + "/run.log",
                                  SIGKILL);
    return WEXITSTATUS(process.Wait());
  }

  void Start() {
    log_ = absl::StrCat(dir_.path(), "/serve", ++starts_, ".log");
    process_ = std::make_unique<testing::ChildProcess>(CommandLine({"serve"}),
                                                       testing::RunAs{getuid(), getgid()}, log_, SIGKILL);
    channel_ = std::make_unique<rpc::Channel>(
        rpc::ChannelOptions{.address = Address(), .peer = "auth", .self = "gateway"});
    AwaitKeys();
  }

  // From the line that says where it serves.
  std::string Address() {
    std::string address;
    EXPECT_TRUE(testing::Eventually([&] {
      std::ifstream log(log_);
      for (std::string line; std::getline(log, line);) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.value("msg", "") == "serving") address = json["address"];
      }
      return !address.empty();
    })) << "the process does not serve";
    return address;
  }

  void AwaitKeys() {
    EXPECT_TRUE(testing::Eventually([&] {
      const auto jwks = Invoke(&v1::AuthService::Stub::GetJwks, v1::GetJwksRequest());
      return jwks.ok() && jwks->keys_size() > 0;
    })) << "the process publishes no keys";
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Invoke(grpc::Status (v1::AuthService::Stub::*method)(grpc::ClientContext*,
                                                                                const Request&, Response*),
                                  const Request& request, const std::string& access_token = "") {
    rpc::Stub<v1::AuthService> stub(*channel_);
    grpc::ClientContext context;
    if (!access_token.empty()) context.AddMetadata("authorization", "Bearer " + access_token);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    Response response;
    const grpc::Status status = (stub.grpc().*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  absl::StatusOr<v1::RefreshTokenResponse> Refresh(const v1::Tokens& tokens) {
    v1::RefreshTokenRequest request;
    request.set_refresh_token(tokens.refresh_token());
    return Invoke(&v1::AuthService::Stub::RefreshToken, request);
  }

  v1::Tokens RegisterAndLogin() {
    v1::RegisterRequest registration;
    registration.set_email(kEmail);
    registration.set_password(kPassword);
    EXPECT_THAT(Invoke(&v1::AuthService::Stub::Register, registration), IsOk());
    v1::LoginRequest login;
    login.set_email(kEmail);
    login.set_password(kPassword);
    const absl::StatusOr<v1::LoginResponse> response = Invoke(&v1::AuthService::Stub::Login, login);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->tokens() : v1::Tokens();
  }

  int64_t Counter() { return database_.Value<int64_t>("SELECT counter FROM sessions"); }

  testing::TestDatabase database_;
  testing::TestRedis redis_;
  testing::TempDir dir_{"arasta-auth"};
  std::string crash_point_;
  std::string grace_ = "10s";
  std::string log_;
  int starts_ = 0;
  std::unique_ptr<testing::ChildProcess> process_;
  std::unique_ptr<rpc::Channel> channel_;
};

TEST_F(ProcessTest, ServesTheTripAndDrains) {
  Start();
  const v1::Tokens tokens = RegisterAndLogin();
  const auto me = Invoke(&v1::AuthService::Stub::GetMe, v1::GetMeRequest(), tokens.access_token());
  ASSERT_THAT(me, IsOk());
  EXPECT_EQ(me->user().email(), kEmail);
  EXPECT_EQ(Invoke(&v1::AuthService::Stub::GetMe, v1::GetMeRequest()).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(Invoke(&v1::AuthService::Stub::Logout, v1::LogoutRequest(), tokens.access_token()), IsOk());
  EXPECT_THAT(Refresh(tokens), HasReason("INVALID_REFRESH_TOKEN"));
  process_->Signal(SIGTERM);
  const int status = process_->Wait();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  // No secret and no address in the log.
  std::ifstream log(log_);
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  for (const std::string& secret :
       {std::string(kEmail), std::string(kPassword), tokens.access_token(), tokens.refresh_token()}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

TEST_F(ProcessTest, PutsItsEventsOnTheBus) {
  Start();
  const v1::Tokens tokens = RegisterAndLogin();
  redis::Pool redis({.address = redis_.address()});
  const std::string stream = events::StreamKey("auth", events::PartitionOf(tokens.principal()));
  EXPECT_TRUE(testing::Eventually([&] {
    const absl::StatusOr<redis::Reply> length =
        redis.Command(absl::Now() + absl::Seconds(1), {"XLEN", stream});
    return length.ok() && length->integer == 1;
  }));
}

TEST_F(ProcessTest, DyingBeforeTheRotationCommitsLosesNothing) {
  crash_point_ = "auth.before_rotation_commit";
  Start();
  const v1::Tokens tokens = RegisterAndLogin();
  EXPECT_FALSE(Refresh(tokens).ok());
  process_->Wait();
  EXPECT_EQ(Counter(), 1);
  crash_point_ = "";
  Start();
  EXPECT_THAT(Refresh(tokens), IsOk());
  EXPECT_EQ(Counter(), 2);
}

TEST_F(ProcessTest, DyingAfterTheRotationCommittedReturnsItsSuccessor) {
  crash_point_ = "auth.after_rotation_commit";
  Start();
  const v1::Tokens tokens = RegisterAndLogin();
  EXPECT_FALSE(Refresh(tokens).ok());
  process_->Wait();
  EXPECT_EQ(Counter(), 2);
  crash_point_ = "";
  Start();
  const auto repeated = Refresh(tokens);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_EQ(Counter(), 2);
  EXPECT_THAT(Refresh(repeated->tokens()), IsOk());
}

TEST_F(ProcessTest, AKilledProcessRemembersTheRotatedToken) {
  grace_ = "0s";
  Start();
  const v1::Tokens tokens = RegisterAndLogin();
  const auto next = Refresh(tokens);
  ASSERT_THAT(next, IsOk());
  process_->Signal(SIGKILL);
  process_->Wait();
  Start();
  EXPECT_THAT(Refresh(tokens), HasReason("INVALID_REFRESH_TOKEN"));
  EXPECT_THAT(Refresh(next->tokens()), HasReason("INVALID_REFRESH_TOKEN"));
}

TEST_F(ProcessTest, CreateAdminIsACommand) {
  const std::string file = dir_.path() + "/admin-password";
  EXPECT_EQ(Run({"create-admin", "--email", "admin@arasta.example", "--password-file", file}), 0);
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_EQ(database_.Value<int64_t>("SELECT count(*) FROM users WHERE 'admin' = ANY(permissions)"), 1);
  EXPECT_EQ(Run({"create-admin", "--email", "admin@arasta.example", "--password-file", file}), 0);
  EXPECT_NE(Run({"create-admin"}), 0);
}

}  // namespace
}  // namespace arasta::auth
