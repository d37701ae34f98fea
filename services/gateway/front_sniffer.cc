#include "services/gateway/front_sniffer.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/log/log.h"

namespace arasta::gateway {
namespace {

constexpr char kTlsHandshake = 0x16;
constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

FrontSniffer::FrontSniffer(Loop& loop, Listener& listener, Owner& owner, const FrontLimits& limits,
                           Socket socket, FrontPeer peer)
    : loop_(loop),
      listener_(listener),
      owner_(owner),
      limits_(limits),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      too_slow_([this] { Close(); }) {
  loop_.Add(socket_.fd(), EPOLLIN | EPOLLRDHUP, *this);
  loop_.StartTimer(too_slow_, limits_.head_timeout_ns);
}

FrontSniffer::~FrontSniffer() {
  if (socket_.open()) loop_.Remove(socket_.fd());
}

void FrontSniffer::OnEvents(uint32_t) {
  if (!socket_.open()) return;
  if (stage_ == Stage::kFirstByte && !LookForTls()) return;
  if (stage_ == Stage::kHandshake && !ShakeHands()) return;
  ReadPreface();
}

bool FrontSniffer::LookForTls() {
  const FrontSecurity& security = listener_.security();
  if (security.tls != nullptr) {
    char first = 0;
    const Socket::Transfer peeked = socket_.Peek(&first, 1);
    if (peeked.outcome == Socket::Outcome::kWouldBlock) return false;
    if (peeked.outcome == Socket::Outcome::kClosed) return Close(), false;
    if (first == kTlsHandshake) {
      socket_.StartTls(*security.tls);
      stage_ = Stage::kHandshake;
      return true;
    }
    if (!security.cleartext_too) return listener_.OnKnown(*this, FrontProtocol::kUnwantedCleartext), false;
  }
  stage_ = Stage::kPreface;
  return true;
}

// Only input is waited for: what a handshake sends always fits into the buffers of a new socket.
bool FrontSniffer::ShakeHands() {
  const Socket::Outcome outcome = socket_.Handshake();
  if (outcome == Socket::Outcome::kWouldBlock) return false;
  if (outcome == Socket::Outcome::kClosed) {
    log::Debug("no TLS with a client", {{"client", peer_.address}, {"error", socket_.ErrorText()}});
    return Close(), false;
  }
  stage_ = Stage::kPreface;
  if (listener_.security().tell_certificates) peer_.certificate = ClientCertificateOf(socket_.tls());
  const absl::string_view protocol = AlpnOf(socket_.tls());
  if (protocol.empty()) return true;
  listener_.OnKnown(*this, protocol == "h2" ? FrontProtocol::kHttp2 : FrontProtocol::kHttp1);
  return false;
}

void FrontSniffer::ReadPreface() {
  std::array<char, Socket::kMaxTlsRecord> buffer;
  const Socket::Transfer read = socket_.Read(buffer.data(), buffer.size());
  if (read.outcome == Socket::Outcome::kWouldBlock) return;
  if (read.outcome == Socket::Outcome::kClosed) return Close();
  bytes_.append(buffer.data(), read.count);
  const size_t known = std::min(bytes_.size(), kPreface.size());
  const bool may_be_http2 = kPreface.substr(0, known) == absl::string_view(bytes_).substr(0, known);
  if (may_be_http2 && known < kPreface.size()) return;
  listener_.OnKnown(*this, may_be_http2 ? FrontProtocol::kHttp2 : FrontProtocol::kHttp1);
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
