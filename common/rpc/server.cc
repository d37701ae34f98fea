#include "common/rpc/server.h"

#include <utility>

#include "common/rpc/reflection_service.h"
#include "common/rpc/server_core.h"
#include "common/rpc/service.h"

namespace arasta::rpc {
namespace {

options::v1::Access Everybody() {
  options::v1::Access access;
  access.set_who(options::v1::Access::PUBLIC);
  return access;
}

class HealthService : public ServiceBase {
 public:
  HealthService(Server& server, Health& health)
      : ServiceBase(server, "grpc.health.v1.Health", /*workers=*/nullptr, Everybody()) {
    Add("Check", &Health::Check, health);
    Add("Watch", &Health::Watch, health);
  }
};

}  // namespace

Server::Server(ServerOptions options) : core_(std::make_unique<ServerCore>(std::move(options))) {
  HealthService(*this, core_->health());
}

Server::~Server() {
  Shutdown(absl::ZeroDuration());
}

absl::Status Server::Start() {
  if (core_->options().reflection) {
    reflection_ = std::make_unique<ReflectionHandlers>(core_->ServiceNames());
    RegisterReflection(*this, *reflection_);
  }
  return core_->Start();
}

int Server::port() const {
  return core_->port();
}

void Server::SetDraining() {
  core_->health().SetServing(false);
}

void Server::Shutdown(absl::Duration grace) {
  core_->Shutdown(grace);
}

void Server::Register(Method method) {
  core_->Register(std::move(method));
}

}  // namespace arasta::rpc
