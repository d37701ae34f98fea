// A server of EchoService on a free port of loopback, in cleartext unless told otherwise, and a channel to
// it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "arasta/testing/v1/echo_service.grpc.pb.h"
#include "common/auth/token_signer.h"
#include "common/auth/token_verifier.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/concurrency/worker_pool.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/rpc/service.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace arasta::rpc {

using testing::v1::EchoRequest;
using testing::v1::EchoResponse;
using testing::v1::EchoService;
using testing::v1::ProbeRequest;
using testing::v1::ProbeResponse;

constexpr char kAlice[] = "users/0190a8f0-0000-7000-8000-000000000001";
constexpr char kVisitor[] = "guests/0190a8f0-0000-7000-8000-000000000002";

// Tests replace what they want to see.
class EchoHandlers {
 public:
  using Unary = std::function<absl::StatusOr<EchoResponse>(const Call&, const EchoRequest&)>;

  absl::StatusOr<EchoResponse> Echo(const Call& call, const EchoRequest& request) {
    return echo(call, request);
  }
  absl::optional<absl::StatusOr<EchoResponse>> FastEcho(const Call& call, const EchoRequest& request) {
    return fast_echo(call, request);
  }
  absl::StatusOr<ProbeResponse> Probe(const Call& call, const ProbeRequest&) const { return probe(call); }
  absl::StatusOr<EchoResponse> Collect(const Call&, Reader<EchoRequest>& reader) {
    EchoResponse response;
    EchoRequest request;
    while (reader.Read(&request)) {
      response.set_count(response.count() + 1);
      response.set_text(response.text() + request.text());
    }
    return response;
  }
  absl::Status Repeat(const Call& call, const EchoRequest& request, Writer<EchoResponse>& writer) {
    before_repeat(call);
    EchoResponse response;
    response.set_text(request.text());
    for (int i = 0; i < request.times(); ++i) {
      response.set_count(i);
      if (!writer.Write(response)) break;
      written.fetch_add(1);
    }
    return repeat_status;
  }
  absl::Status Follow(const Call& call, const EchoRequest& request, Watch<EchoResponse> watch) {
    return follow(call, request, std::move(watch));
  }

  Unary echo = [](const Call&, const EchoRequest& request) {
    EchoResponse response;
    response.set_text(request.text());
    return response;
  };
  std::function<absl::optional<absl::StatusOr<EchoResponse>>(const Call&, const EchoRequest&)> fast_echo =
      [](const Call&, const EchoRequest&) { return absl::nullopt; };
  std::function<absl::StatusOr<ProbeResponse>(const Call&)> probe = [](const Call&) {
    return ProbeResponse();
  };
  std::function<absl::Status(const Call&, const EchoRequest&, Watch<EchoResponse>)> follow =
      [](const Call&, const EchoRequest&, Watch<EchoResponse>) { return absl::OkStatus(); };
  std::function<void(const Call&)> before_repeat = [](const Call&) {};
  absl::Status repeat_status;
  std::atomic<int> written{0};
};

class EchoServer {
 public:
  // `workers` with a queue of as many.
  EchoServer(ServerOptions options, int workers)
      : workers_("echo", workers, workers), server_(std::move(options)) {
    Service<EchoService> service(server_, workers_);
    service.Add("Echo", &EchoHandlers::FastEcho, &EchoHandlers::Echo, handlers);
    for (const char* method :
         {"EchoAsGuest", "EchoAsUser", "EchoAsStaff", "EchoInternally", "EchoWithoutAccess"}) {
      service.Add(method, &EchoHandlers::Echo, handlers);
    }
    service.Add("Probe", &EchoHandlers::Probe, handlers);
    service.Add("Collect", &EchoHandlers::Collect, handlers);
    service.Add("Repeat", &EchoHandlers::Repeat, handlers);
    service.Add("Follow", &EchoHandlers::Follow, handlers);
  }

  Server& server() { return server_; }
  std::string address() const { return absl::StrCat("127.0.0.1:", server_.port()); }

  EchoHandlers handlers;

 private:
  concurrency::WorkerPool workers_;
  Server server_;
};

class EchoTest : public ::testing::Test {
 protected:
  void Start(ServerOptions options = {}, int workers = 2) {
    auth::KeySet keys;
    keys.Add(signer_.key().id(), signer_.key().public_key());
    verifier_.SetKeys(keys);
    options.verifier = &verifier_;
    options.threads = 2;
    echo_ = std::make_unique<EchoServer>(std::move(options), workers);
    ASSERT_THAT(echo_->server().Start(), testing::IsOk());
    channel_ = std::make_unique<Channel>(
        ChannelOptions{.address = echo_->address(), .peer = "echo", .self = "gateway"});
    stub_ = std::make_unique<Stub<EchoService>>(*channel_);
  }

  EchoHandlers& handlers() { return echo_->handlers; }
  EchoService::Stub& stub() { return stub_->grpc(); }

  std::string TokenFor(const std::string& subject, std::vector<std::string> permissions = {},
                       absl::Duration life = absl::Minutes(5)) const {
    const absl::Time now = absl::Now();
    return signer_.Sign({.subject = subject,
                         .permissions = std::move(permissions),
                         .issue_time = now,
                         .expire_time = now + life,
                         .authenticated_time = now});
  }

  static Call Caller(absl::Duration patience = absl::Seconds(10)) {
    return Call::Background("test", absl::Now() + patience);
  }

  static EchoRequest Request(const std::string& text, int times = 0) {
    EchoRequest request;
    request.set_text(text);
    request.set_times(times);
    return request;
  }

  auth::TokenSigner signer_{auth::SigningKey::Generate(), "arasta"};
  auth::TokenVerifier verifier_{"arasta"};
  std::unique_ptr<EchoServer> echo_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<Stub<EchoService>> stub_;
};

}  // namespace arasta::rpc
