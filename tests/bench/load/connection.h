// One connection that carries requests: HTTP/2 with many under way at once, HTTP/1.1 with one.
#pragma once

#include <functional>
#include <memory>

#include "absl/strings/string_view.h"
#include "tests/bench/load/outcome.h"
#include "tests/bench/load/pacer.h"
#include "tests/bench/load/request.h"
#include "tests/bench/load/transport.h"

namespace arasta::bench {

class Connection {
 public:
  // Called for every request that has ended, with its intended start and its code (outcome.h).
  using Ended = std::function<void(Nanos intended, int code)>;

  virtual ~Connection() = default;

  // Whether the other side lets us send one more at once.
  virtual bool HasRoom() const = 0;
  // `request` outlives its answer. Sent by the next Flush.
  virtual void Send(const Request& request, Nanos intended) = 0;
  virtual int under_way() const = 0;

  // Reads all there is; false where the connection is over: what was under way has ended kBroken.
  bool OnReadable();
  // False as above.
  bool Flush();
  bool blocked() const { return transport_->blocked(); }
  int fd() const { return transport_->fd(); }

 protected:
  Connection(std::unique_ptr<Transport> transport, Protocol protocol, Ended ended)
      : transport_(std::move(transport)), protocol_(protocol), ended_(std::move(ended)) {}

  // False where these bytes are no answer.
  virtual bool OnBytes(absl::string_view bytes) = 0;
  // Puts what is to be sent into the transport's output.
  virtual void Serialise() = 0;
  // Ends everything under way.
  virtual void Abandon() = 0;

  std::unique_ptr<Transport> transport_;
  const Protocol protocol_;
  const Ended ended_;
};

std::unique_ptr<Connection> MakeHttp1Connection(std::unique_ptr<Transport> transport, Protocol protocol,
                                                Connection::Ended ended);
std::unique_ptr<Connection> MakeHttp2Connection(std::unique_ptr<Transport> transport, Protocol protocol,
                                                bool tls, Connection::Ended ended);

}  // namespace arasta::bench
