// A connection of which it is not yet known what the client speaks: HTTP/2 begins with 24 bytes that no
// HTTP/1.1 request can begin with.
#pragma once

#include <string>

#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/loop.h"
#include "services/gateway/socket.h"

namespace arasta::gateway {

class FrontSniffer final : public Pollable, public FrontConnection {
 public:
  class Listener {
   public:
    // Takes the socket and the bytes; the sniffer is done with.
    virtual void OnKnown(FrontSniffer& sniffer, bool http2) = 0;

   protected:
    ~Listener() = default;
  };

  FrontSniffer(Loop& loop, Listener& listener, Owner& owner, const FrontLimits& limits, Socket socket,
               std::string client_address);
  ~FrontSniffer() override;

  void OnEvents(uint32_t events) override;
  void Begin(absl::string_view) override {}
  // What comes first may be on its way.
  void Drain() override { loop_.StartTimer(too_slow_, limits_.last_request_ns); }

  Socket TakeSocket();
  const std::string& bytes() const { return bytes_; }
  const std::string& client_address() const { return client_address_; }

 private:
  void Close();

  Loop& loop_;
  Listener& listener_;
  Owner& owner_;
  const FrontLimits& limits_;
  Socket socket_;
  const std::string client_address_;
  std::string bytes_;
  Timer too_slow_;
};

}  // namespace arasta::gateway
