// What the worker knows of a client's connection, whichever HTTP it speaks.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

struct ExchangeContext;

// Who is at the other end.
struct FrontPeer {
  std::string address;           // without the port
  std::string certificate = {};  // as ClientCertificateOf says it; empty where backends are not told
};

class FrontConnection {
 public:
  virtual ~FrontConnection() = default;

  // `first_bytes` were read while it was found out what the client speaks. Once its owner knows it.
  virtual void Begin(absl::string_view first_bytes) = 0;
  // Announces the end, serves what was sent before the client could know of it, and closes when that is done.
  virtual void Drain() = 0;

  // Keeps the connections of a worker.
  class Owner {
   public:
    virtual void OnClosed(FrontConnection& connection) = 0;
    // For the call that begins now.
    virtual ExchangeContext& context() = 0;

   protected:
    ~Owner() = default;
  };
};

}  // namespace arasta::gateway
