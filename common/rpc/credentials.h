// Mutual TLS from files that may change while running. gRPC's file watcher reads them every 10 s; both
// sides verify the other's chain, and clients that the server is the service they mean to call.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "common/rpc/tls.h"

namespace arasta::rpc {

// Cleartext where `files` is empty. A client without a certificate of our CA is refused in the handshake.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const TlsFiles& files);

// The server's certificate must carry spiffe://arasta/<peer>, whatever host it is reached at.
std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(const TlsFiles& files,
                                                                 const std::string& peer);

}  // namespace arasta::rpc
