#include "common/rpc/reflection_service.h"

#include <utility>

#include "common/rpc/service.h"

namespace arasta::rpc {
namespace {

options::v1::Access OperatorsOnly() {
  options::v1::Access access;
  access.set_who(options::v1::Access::INTERNAL);
  access.add_peers("gateway");
  access.add_peers("operator");
  return access;
}

class ReflectionService : public ServiceBase {
 public:
  ReflectionService(Server& server, const char* name)
      : ServiceBase(server, name, /*workers=*/nullptr, OperatorsOnly()) {}
};

}  // namespace

ReflectionHandlers::ReflectionHandlers(std::vector<std::string> services)
    : reflection_(*google::protobuf::DescriptorPool::generated_pool(), std::move(services)) {}

absl::StatusOr<ReflectionHandlers::Response> ReflectionHandlers::Answer(const Call&,
                                                                        const Request& request) const {
  return reflection_.Answer(request);
}

// The versions are the same on the wire.
absl::StatusOr<ReflectionHandlers::AlphaResponse> ReflectionHandlers::AnswerAlpha(
    const Call&, const Alpha& request) const {
  Request same;
  same.ParseFromString(request.SerializeAsString());
  AlphaResponse response;
  response.ParseFromString(reflection_.Answer(same).SerializeAsString());
  return response;
}

void RegisterReflection(Server& server, ReflectionHandlers& handlers) {
  ReflectionService(server, "grpc.reflection.v1.ServerReflection")
      .AddConversation("ServerReflectionInfo", &ReflectionHandlers::Answer, handlers);
  ReflectionService(server, "grpc.reflection.v1alpha.ServerReflection")
      .AddConversation("ServerReflectionInfo", &ReflectionHandlers::AnswerAlpha, handlers);
}

}  // namespace arasta::rpc
