// A socket on the loop with its unsent output. What the bytes mean is for the classes derived from it.
#pragma once

#include <string>

#include "services/gateway/loop.h"
#include "services/gateway/socket.h"

namespace arasta::gateway {

class Connection : public Pollable {
 public:
  void OnEvents(uint32_t events) final;
  void Flush() final;

  Loop& loop() const { return loop_; }

 protected:
  // No more is put into the output while that much waits to be sent.
  static constexpr size_t kOutputMark = 64 * 1024;

  // With `connecting`, the socket's Connect has not finished yet.
  Connection(Loop& loop, Socket socket, bool connecting);
  ~Connection() override;

  // The socket is connected (and, after Socket::StartTls, the handshake done).
  virtual void OnConnected() {}
  virtual void OnInput(absl::string_view bytes) = 0;
  // Appends to output() what may be sent now, stopping at kOutputMark.
  virtual void FillOutput() = 0;
  // Asked when all output has left: true ends the connection, once the peer has seen what was sent.
  virtual bool Finished() const = 0;
  // The connection is over, for whatever reason. Called once; the owner then hands it to DestroyLater.
  virtual void OnClosed() = 0;

  void FlushSoon() { loop_.FlushLater(*this); }
  // Stops and resumes reading. A peer that closes its side meanwhile ends the connection.
  void PauseReading(bool pause);
  void Close();

  bool open() const { return socket_.open(); }
  bool connected() const { return connected_; }
  // Why it never came to be connected; empty when unknown.
  const std::string& connect_error() const { return connect_error_; }
  Socket& socket() { return socket_; }
  const Socket& socket() const { return socket_; }
  std::string& output() { return output_; }
  size_t unsent() const { return output_.size() - sent_; }

 private:
  void ContinueConnecting(uint32_t events);
  void ReadInput();
  bool WriteOutput();
  void Linger();
  void WatchFor(uint32_t events);

  Loop& loop_;
  Socket socket_;
  std::string output_;
  size_t sent_ = 0;
  std::string connect_error_;
  uint32_t watched_ = 0;
  bool connected_;
  bool paused_ = false;
  bool lingering_ = false;
  Timer linger_;
};

}  // namespace arasta::gateway
