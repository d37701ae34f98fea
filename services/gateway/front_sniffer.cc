#include "services/gateway/front_sniffer.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace arasta::gateway {
namespace {

constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

FrontSniffer::FrontSniffer(Loop& loop, Listener& listener, Owner& owner, const FrontLimits& limits,
                           Socket socket, std::string client_address)
    : loop_(loop),
      listener_(listener),
      owner_(owner),
      limits_(limits),
      socket_(std::move(socket)),
      client_address_(std::move(client_address)),
      too_slow_([this] { Close(); }) {
  loop_.Add(socket_.fd(), EPOLLIN | EPOLLRDHUP, *this);
  loop_.StartTimer(too_slow_, limits_.head_timeout_ns);
}

FrontSniffer::~FrontSniffer() {
  if (socket_.open()) loop_.Remove(socket_.fd());
}

void FrontSniffer::OnEvents(uint32_t) {
  if (!socket_.open()) return;
  std::array<char, 4096> buffer;
  const Socket::Transfer read = socket_.Read(buffer.data(), buffer.size());
  if (read.outcome == Socket::Outcome::kWouldBlock) return;
  if (read.outcome == Socket::Outcome::kClosed) return Close();
  bytes_.append(buffer.data(), read.count);
  const size_t known = std::min(bytes_.size(), kPreface.size());
  const bool may_be_http2 = kPreface.substr(0, known) == absl::string_view(bytes_).substr(0, known);
  if (!may_be_http2 || known == kPreface.size()) listener_.OnKnown(*this, may_be_http2);
}

Socket FrontSniffer::TakeSocket() {
  loop_.Remove(socket_.fd());
  too_slow_.Cancel();
  return std::move(socket_);
}

void FrontSniffer::Close() {
  if (!socket_.open()) return;
  loop_.Remove(socket_.fd());
  socket_.Close();
  too_slow_.Cancel();
  owner_.OnClosed(*this);
}

}  // namespace arasta::gateway
