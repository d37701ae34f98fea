// A client's connection to the gateway with nothing behind it: the bytes of the input, in pieces, and a turn
// of the loop after each.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <vector>

#include "services/gateway/exchange.h"
#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/loop.h"
#include "tests/fuzz/turn.h"

namespace arasta::fuzz {

// One connection; Front is FrontHttp1 or FrontHttp2.
template <typename Front>
class FrontFixture final : public gateway::FrontConnection::Owner {
 public:
  FrontFixture() {
    std::array<int, 2> ends{};
    Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0, "a socket");
    peer_ = gateway::Socket(ends[1]);
    front_ = std::make_unique<Front>(loop_, *this, limits_, gateway::Socket(ends[0]),
                                     gateway::FrontPeer{"10.0.0.1"});
  }

  void Feed(absl::string_view bytes) {
    if (front_ == nullptr) return;
    front_->Begin(bytes);
    RunTurn(loop_);
    std::array<char, 4096> answer;
    while (peer_.Read(answer.data(), answer.size()).count > 0) {
    }
  }

 private:
  void OnClosed(gateway::FrontConnection&) override { loop_.DestroyLater(std::move(front_)); }
  gateway::ExchangeContext& context() override { return context_; }

  gateway::Loop loop_;
  const gateway::RouteTable routes_;
  const gateway::Cors cors_{{}};
  gateway::Authenticator authenticator_{loop_, "arasta", nullptr};
  gateway::CallLog calls_{loop_, routes_, -1};
  const std::vector<std::shared_ptr<gateway::Backend>> backends_;
  const gateway::FrontLimits limits_;
  gateway::RateLimiter rates_{{}};
  const gateway::TrustedProxies proxies_;
  size_t buffered_bytes_ = 0;
  gateway::ExchangeContext context_{loop_,  routes_,  cors_,     authenticator_,  calls_, limits_,
                                    rates_, proxies_, backends_, buffered_bytes_, {}};
  gateway::Socket peer_;
  std::unique_ptr<Front> front_;
};

}  // namespace arasta::fuzz
