#include "common/rpc/service.h"

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"

namespace arasta::rpc {
namespace {

// A mistake in our own table of contents: found by the first test that starts the service.
[[noreturn]] void Die(const std::string& what) {
  log::Error("a service is wired wrongly", {{"problem", what}});
  std::abort();
}

// The stream of the wire and the handler's kind must agree.
bool KindFits(const google::protobuf::MethodDescriptor& method, const Handlers& handlers) {
  if (method.client_streaming() && method.server_streaming()) return handlers.conversation != nullptr;
  if (method.client_streaming()) return handlers.client_stream != nullptr;
  if (method.server_streaming()) return handlers.server_stream != nullptr || handlers.watch != nullptr;
  return handlers.unary != nullptr || handlers.fast != nullptr;
}

}  // namespace

ServiceBase::ServiceBase(Server& server, absl::string_view full_name, concurrency::WorkerPool* workers,
                         absl::optional<options::v1::Access> foreign_access)
    : server_(server),
      descriptor_(
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(full_name))),
      workers_(workers),
      foreign_access_(std::move(foreign_access)) {
  if (descriptor_ == nullptr) Die(absl::StrCat("no such service: ", full_name));
}

void ServiceBase::Register(absl::string_view name, const Message& request, const Message& response,
                           Handlers handlers, concurrency::WorkerPool* workers) {
  const auto* descriptor = descriptor_->FindMethodByName(std::string(name));
  const std::string full_name = absl::StrCat(descriptor_->full_name(), "/", name);
  if (descriptor == nullptr) Die(absl::StrCat("no such method: ", full_name));
  if (descriptor->input_type() != request.GetDescriptor() ||
      descriptor->output_type() != response.GetDescriptor() || !KindFits(*descriptor, handlers)) {
    Die(absl::StrCat("the handler's type differs from the contract: ", full_name));
  }
  Method method;
  method.name = full_name;
  method.descriptor = descriptor;
  method.access = foreign_access_.value_or(descriptor->options().GetExtension(options::v1::access));
  method.any_peer = foreign_access_.has_value() && method.access.who() == options::v1::Access::PUBLIC;
  method.request_prototype = &request;
  method.handlers = std::move(handlers);
  method.workers = workers != nullptr ? workers : workers_;
  server_.Register(std::move(method));
}

}  // namespace arasta::rpc
