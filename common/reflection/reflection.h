// Answers grpc.reflection's questions from descriptors: what grpcurl and its like ask before they call. Its
// versions v1 and v1alpha are the same on the wire.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpc/reflection/v1/reflection.pb.h>

#include <string>
#include <vector>

namespace arasta::reflection {

// Immutable.
class Reflection {
 public:
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;

  // Tells of `services`, and of every file in `pool`, which outlives it, to who asks by name.
  Reflection(const google::protobuf::DescriptorPool& pool, std::vector<std::string> services);

  // Never fails: what is not found is said in the response.
  Response Answer(const Request& request) const;

 private:
  void SetExtension(const grpc::reflection::v1::ExtensionRequest& request, Response& response) const;
  void SetExtensionNumbers(const std::string& type, Response& response) const;

  const google::protobuf::DescriptorPool& pool_;
  std::vector<std::string> services_;
};

}  // namespace arasta::reflection
