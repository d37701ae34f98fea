// A backend's connection: raw HTTP/2 frames after its SETTINGS, with the watch of its health and two calls
// under way.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/gateway/backend.h"
#include "services/gateway/request_head.h"
#include "tests/fuzz/turn.h"

namespace arasta::fuzz {
namespace {

// Takes whatever comes, as long as it comes in order.
class Call final : public gateway::BackCall {
 public:
  Call() {
    request_.Append(absl::string_view("\0\0\0\0\0", 5));
    request_complete_ = true;
  }
  void OnTaken(size_t) override {}
  void OnHead(gateway::HeaderBlock&) override {
    Require(!over_ && !head_seen_, "one head, before the end");
    head_seen_ = true;
  }
  void OnData(absl::string_view bytes) override {
    Require(!over_ && head_seen_, "messages after the head, before the end");
    CreditResponse(bytes.size());
  }
  void OnTrailers(gateway::HeaderBlock&) override { End(); }
  void OnBroken(const absl::Status& status, gateway::Again) override {
    Require(!status.ok(), "what broke says why");
    End();
  }

 private:
  void End() {
    Require(!over_, "one end");
    over_ = true;
  }

  bool head_seen_ = false;
  bool over_ = false;
};

// Listens for every input's backend; its name is no file.
class Listener {
 public:
  Listener()
      : address_(*gateway::SocketAddress::Parse(Name())), socket_(*gateway::Socket::Listen(address_)) {}

  const gateway::SocketAddress& address() const { return address_; }
  // Not open where nobody has connected.
  gateway::Socket Accept() {
    return gateway::Socket(accept4(socket_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }

 private:
  static std::string Name() {
    return absl::StrCat("unix:", absl::string_view("\0", 1), "arasta-fuzz-", getpid());
  }

  const gateway::SocketAddress address_;
  gateway::Socket socket_;
};

Listener& TheListener() {
  static Listener listener;
  return listener;
}

class BackFixture {
 public:
  BackFixture() : backend_(loop_, {.name = "catalog", .addresses = {TheListener().address()}}) {
    RunTurn(loop_);
    peer_ = TheListener().Accept();
    Require(peer_.open(), "a backend is connected to");
    Feed(absl::string_view("\0\0\0\4\0\0\0\0\0", 9));
    Require(backend_.ready(), "and ready when it has greeted");
    for (Call& call : calls_) backend_.Start(call, gateway::OwnCallHead("/shop.v1.Catalog/Get", "catalog"));
  }
  // Backends that went are connected to anew.
  ~BackFixture() {
    while (TheListener().Accept().open()) {
    }
  }

  void Feed(absl::string_view bytes) {
    if (!peer_.open()) return;
    (void)peer_.Write(bytes);
    RunTurn(loop_);
    std::array<char, 4096> requests;
    while (peer_.Read(requests.data(), requests.size()).count > 0) {
    }
  }

 private:
  gateway::Loop loop_;
  gateway::Backend backend_;
  gateway::Socket peer_;
  std::array<Call, 2> calls_;
};

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  arasta::fuzz::Input input(data, size);
  const size_t piece = 1 + input.Byte();
  arasta::fuzz::BackFixture backend;
  while (!input.empty()) backend.Feed(input.Bytes(piece));
  return 0;
}
