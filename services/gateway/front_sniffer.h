// A connection of which it is not yet known what the client speaks. TLS begins with a byte that no HTTP
// begins with; its handshake is made here, and may settle which HTTP it is. Else HTTP/2 begins with 24 bytes
// that no HTTP/1.1 request can begin with. All that together has the time of a request's head.
#pragma once

#include <memory>
#include <string>

#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/loop.h"
#include "services/gateway/socket.h"
#include "services/gateway/tls.h"

namespace arasta::gateway {

// How clients are met.
struct FrontSecurity {
  std::shared_ptr<const TlsContext> tls;  // null: in cleartext
  bool cleartext_too = false;
  bool tell_certificates = false;  // backends, of the clients'
};

enum class FrontProtocol { kHttp1, kHttp2, kUnwantedCleartext };

class FrontSniffer final : public Pollable, public FrontConnection {
 public:
  class Listener {
   public:
    // Takes the socket and the bytes; the sniffer is done with.
    virtual void OnKnown(FrontSniffer& sniffer, FrontProtocol protocol) = 0;
    virtual const FrontSecurity& security() const = 0;

   protected:
    ~Listener() = default;
  };

  FrontSniffer(Loop& loop, Listener& listener, Owner& owner, const FrontLimits& limits, Socket socket,
               FrontPeer peer);
  ~FrontSniffer() override;

  void OnEvents(uint32_t events) override;
  void Begin(absl::string_view) override {}
  // What comes first may be on its way.
  void Drain() override { loop_.StartTimer(too_slow_, limits_.last_request_ns); }

  Socket TakeSocket();
  const std::string& bytes() const { return bytes_; }
  const FrontPeer& peer() const { return peer_; }

 private:
  enum class Stage { kFirstByte, kHandshake, kPreface };

  // The stages. False where one is not over, or was the last.
  bool LookForTls();
  bool ShakeHands();
  void ReadPreface();
  void Close();

  Loop& loop_;
  Listener& listener_;
  Owner& owner_;
  const FrontLimits& limits_;
  Socket socket_;
  FrontPeer peer_;
  Stage stage_ = Stage::kFirstByte;
  std::string bytes_;
  Timer too_slow_;
};

}  // namespace arasta::gateway
