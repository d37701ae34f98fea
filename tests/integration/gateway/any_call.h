// One call in any protocol that clients speak, over any connection, a piece at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/gateway/config.h"
#include "tests/integration/gateway/wire.h"

namespace arasta::gateway {

enum class Speech { kGrpc, kGrpcWeb, kGrpcWebText, kConnect, kConnectStream, kRest, kRestStream, kWebhook };

inline constexpr char kConnectProto[] = "application/connect+proto";

struct Protocol {
  const char* name;
  Speech speech;
  const char* verb;
  const char* path;
  std::string content_type;
  std::string body;
  bool needs_http2 = false;

  // Whether the client sees the answer grow, message by message.
  bool streams() const {
    return speech != Speech::kConnect && speech != Speech::kRest && speech != Speech::kWebhook;
  }
  // Whether the answer's end stands in its body, behind messages that are passed on as they come.
  bool ends_among_messages() const {
    return speech == Speech::kGrpcWeb || speech == Speech::kGrpcWebText || content_type == kConnectProto;
  }
  // Of the backend's answer, where that is CuttingBackend's.
  int frames() const { return streams() ? 4 : 3; }
};

std::vector<Protocol> AllProtocols(bool http2);
// What a gateway must serve for them, from the one backend.
void ServeAllProtocols(const std::string& backend, GatewayConfig& config);

enum class Told {
  kOk,      // all of it, with both messages where there are two
  kError,   // in the protocol's own words
  kNothing  // the answer broke off, or said OK and was not all of it
};

class AnyCall {
 public:
  struct Over {
    int port;
    bool http2;
    WireSecurity security = WireSecurity::kCleartext;
  };

  // Connects; nothing of the request is sent. `plan` is metadata for the backend.
  static std::unique_ptr<AnyCall> Make(const Protocol& protocol, const Over& over,
                                       const std::string& plan = "");
  virtual ~AnyCall() = default;

  // The request falls into pieces: the beginning of its head, the rest of that, and the same of its body.
  int pieces() const { return static_cast<int>(pieces_.size()); }
  void Send(int pieces);
  void SendAll() { Send(pieces()); }
  // What has come so far: all of the head, something of the body. False after ten seconds, or at the end.
  virtual bool AwaitHead() = 0;
  virtual bool AwaitBody() = 0;
  virtual bool AwaitClosed() = 0;
  virtual Told AwaitEnd() = 0;
  // RST_STREAM, or GOAWAY; nothing over HTTP/1.1.
  virtual void Reset() {}
  virtual void Goaway() {}
  virtual Wire& wire() = 0;

 protected:
  explicit AnyCall(const Protocol& protocol) : protocol_(protocol) {}

  virtual void SendBytes(absl::string_view bytes) = 0;
  // Of a whole answer.
  Told Judge(int http_status, const std::string& grpc_status, const std::string& body) const;

  const Protocol protocol_;
  std::vector<std::string> pieces_;

 private:
  int sent_ = 0;
};

}  // namespace arasta::gateway
