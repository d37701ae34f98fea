// Auth's RPCs, a line each. Included by main.cc and by the test of the wire alone, as it brings gRPC.
#pragma once

#include "arasta/auth/v1/auth_internal_service.grpc.pb.h"
#include "arasta/auth/v1/auth_service.grpc.pb.h"
#include "common/concurrency/worker_pool.h"
#include "common/rpc/service.h"
#include "services/auth/auth_service.h"

namespace arasta::auth {

// Register and Login run on `hashing`, as many threads as cores: its queue is what bounds them.
inline void AddAuthRpcs(rpc::Server& server, AuthService& auth, concurrency::WorkerPool& workers,
                        concurrency::WorkerPool& hashing) {
  rpc::Service<v1::AuthService> storefront(server, workers);
  storefront.Add("CreateGuest", &AuthService::CreateGuest, auth);
  storefront.Add("Register", &AuthService::Register, auth, &hashing);
  storefront.Add("Login", &AuthService::Login, auth, &hashing);
  storefront.Add("RefreshToken", &AuthService::RefreshToken, auth);
  storefront.Add("Logout", &AuthService::Logout, auth);
  storefront.Add("GetJwks", &AuthService::GetJwks, auth);
  storefront.Add("GetMe", &AuthService::GetMe, auth);
  storefront.Add("ListSessions", &AuthService::ListSessions, auth);
  storefront.Add("RevokeSession", &AuthService::RevokeSession, auth);
  storefront.Add("RevokeOtherSessions", &AuthService::RevokeOtherSessions, auth);

  rpc::Service<v1::AuthInternalService> internal(server, workers);
  internal.Add("GetContact", &AuthService::GetContact, auth);
}

}  // namespace arasta::auth
