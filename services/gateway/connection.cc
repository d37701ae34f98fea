#include "services/gateway/connection.h"

#include <sys/epoll.h>

#include <utility>

namespace arasta::gateway {
namespace {

// One turn writes and reads at most that many times, so that one fast peer can't hold up the loop.
constexpr int kWritesPerTurn = 8;
constexpr int kReadsPerTurn = 8;
constexpr size_t kKeepOutput = 4 * 1024;
constexpr int64_t kLingerNs = 1'000'000'000;

}  // namespace

Connection::Connection(Loop& loop, Socket socket, bool connecting)
    : loop_(loop), socket_(std::move(socket)), connected_(!connecting), linger_([this] { Close(); }) {
  watched_ = EPOLLIN | EPOLLRDHUP | (connecting ? static_cast<uint32_t>(EPOLLOUT) : 0u);
  loop_.Add(socket_.fd(), watched_, *this);
}

Connection::~Connection() {
  if (open()) loop_.Remove(socket_.fd());
}

void Connection::OnEvents(uint32_t events) {
  if (!open()) return;
  if (!connected_) return ContinueConnecting(events);
  if (events & (EPOLLERR | EPOLLHUP)) {
    // What the peer sent before it went away still counts.
    if (!paused_) ReadInput();
    return Close();
  }
  if (paused_ && (events & EPOLLRDHUP)) return Close();
  if (events & (EPOLLIN | EPOLLRDHUP)) ReadInput();
  if (events & EPOLLOUT) FlushSoon();
}

void Connection::ContinueConnecting(uint32_t events) {
  const bool failed = events & (EPOLLERR | EPOLLHUP);
  const Socket::Outcome outcome = failed ? Socket::Outcome::kClosed : socket_.Handshake();
  if (outcome == Socket::Outcome::kWouldBlock) return WatchFor(EPOLLIN | EPOLLRDHUP);
  if (outcome == Socket::Outcome::kClosed) {
    connect_error_ = socket_.ErrorText();
    return Close();
  }
  connected_ = true;
  OnConnected();
  if (!open()) return;
  FlushSoon();
  // A server may have spoken in the same flight as its last handshake message.
  ReadInput();
}

void Connection::ReadInput() {
  static thread_local char buffer[64 * 1024];
  for (int reads = 0; reads < kReadsPerTurn && open() && !paused_; ++reads) {
    const Socket::Transfer read = socket_.Read(buffer, sizeof buffer);
    if (read.outcome == Socket::Outcome::kWouldBlock) return;
    if (read.outcome == Socket::Outcome::kClosed) return Close();
    if (!lingering_) OnInput(absl::string_view(buffer, read.count));
    if (read.count < sizeof buffer) return;
  }
}

void Connection::Flush() {
  if (!open() || !connected_ || lingering_) return;
  for (int writes = 0; writes < kWritesPerTurn; ++writes) {
    FillOutput();
    if (!open()) return;
    if (unsent() == 0) {
      if (Finished()) return Linger();
      return WatchFor(watched_ & ~static_cast<uint32_t>(EPOLLOUT));
    }
    if (!WriteOutput()) break;
  }
  if (open()) WatchFor(watched_ | EPOLLOUT);
}

// A socket that is closed with input unread resets the connection, and the peer may never see the last
// answer. So our side ends first, and the rest of the input is thrown away for a moment.
void Connection::Linger() {
  lingering_ = true;
  WatchFor(EPOLLIN | EPOLLRDHUP);
  paused_ = false;
  socket_.EndWriting();
  loop_.StartTimer(linger_, kLingerNs);
}

// False when the socket takes no more.
bool Connection::WriteOutput() {
  const Socket::Transfer write = socket_.Write(absl::string_view(output_).substr(sent_));
  if (write.outcome == Socket::Outcome::kClosed) {
    Close();
    return false;
  }
  sent_ += write.count;
  if (sent_ < output_.size()) return write.outcome == Socket::Outcome::kOk;
  sent_ = 0;
  if (output_.capacity() > kOutputMark + kKeepOutput) {
    std::string().swap(output_);
  } else {
    output_.clear();
  }
  return true;
}

void Connection::PauseReading(bool pause) {
  if (paused_ == pause || !open()) return;
  paused_ = pause;
  constexpr uint32_t kReading = EPOLLIN;
  WatchFor(pause ? watched_ & ~kReading : watched_ | kReading);
}

void Connection::WatchFor(uint32_t events) {
  if (events == watched_) return;
  watched_ = events;
  loop_.Change(socket_.fd(), events, *this);
}

void Connection::Close() {
  if (!open()) return;
  loop_.Remove(socket_.fd());
  socket_.Close();
  linger_.Cancel();
  OnClosed();
}

}  // namespace arasta::gateway
