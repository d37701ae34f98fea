// grpc.reflection.v1 and v1alpha of a server, on our own pipeline. For the gateway and for operators, who
// come with a certificate that says so: the contracts name what is internal, too.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/reflection/reflection.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace arasta::rpc {

class Server;

// Immutable.
class ReflectionHandlers {
 public:
  using Alpha = grpc::reflection::v1alpha::ServerReflectionRequest;
  using AlphaResponse = grpc::reflection::v1alpha::ServerReflectionResponse;
  using Request = reflection::Reflection::Request;
  using Response = reflection::Reflection::Response;

  explicit ReflectionHandlers(std::vector<std::string> services);

  absl::StatusOr<Response> Answer(const Call& call, const Request& request) const;
  absl::StatusOr<AlphaResponse> AnswerAlpha(const Call& call, const Alpha& request) const;

 private:
  const reflection::Reflection reflection_;
};

// `handlers` outlive the server.
void RegisterReflection(Server& server, ReflectionHandlers& handlers);

}  // namespace arasta::rpc
