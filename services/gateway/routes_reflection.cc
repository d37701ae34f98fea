// What the gateway itself serves: grpc.reflection, of the methods behind it.
#include <google/protobuf/descriptor.pb.h>
#include <grpc/reflection/v1alpha/reflection.pb.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {
namespace {

using reflection::Reflection;

// v1 and v1alpha are the same on the wire.
std::string Answer(const Reflection& reflection, absl::string_view message) {
  Reflection::Request request;
  // What can't be read asks nothing, and is told so.
  if (!request.ParseFromArray(message.data(), static_cast<int>(message.size()))) request.Clear();
  return reflection.Answer(request).SerializeAsString();
}

// As the tables' own pool knows it. Null where that has something else under these names.
const google::protobuf::MethodDescriptor* AddService(const google::protobuf::ServiceDescriptor& service,
                                                     google::protobuf::DescriptorPool& pool) {
  if (pool.FindFileByName(service.file()->name()) == nullptr) {
    google::protobuf::FileDescriptorProto file;
    service.file()->CopyTo(&file);
    pool.BuildFile(file);
  }
  return pool.FindMethodByName(absl::StrCat(service.full_name(), ".ServerReflectionInfo"));
}

}  // namespace

void RouteTable::AddReflection(uint32_t max_request_bytes) {
  std::vector<const google::protobuf::MethodDescriptor*> own;
  for (const auto* file : {grpc::reflection::v1::ServerReflectionRequest::descriptor()->file(),
                           grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file()}) {
    if (const auto* method = AddService(*file->service(0), *pool_)) own.push_back(method);
  }
  std::set<std::string> services;
  for (const auto& method : methods_) services.insert(method->descriptor->service()->full_name());
  for (const auto* method : own) services.insert(method->service()->full_name());
  reflection_ =
      std::make_unique<const Reflection>(*pool_, std::vector<std::string>(services.begin(), services.end()));
  for (const auto* descriptor : own) {
    Method method;
    method.path = absl::StrCat("/", descriptor->service()->full_name(), "/", descriptor->name());
    method.descriptor = descriptor;
    method.who = options::v1::Access::PUBLIC;
    method.rate_class = options::v1::RATE_CLASS_READ;
    method.client_streaming = method.server_streaming = true;
    method.max_request_bytes = max_request_bytes;
    method.answer_here = [&reflection = *reflection_](absl::string_view message) {
      return Answer(reflection, message);
    };
    Add(std::move(method));
  }
}

}  // namespace arasta::gateway
