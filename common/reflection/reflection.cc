#include "common/reflection/reflection.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <set>
#include <utility>

namespace arasta::reflection {
namespace {

using google::protobuf::FileDescriptor;

constexpr int kInvalidArgument = 3;
constexpr int kNotFound = 5;

void SetError(int code, const std::string& message, Reflection::Response& response) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
}

// The file and, after it, all it needs that is not among `added`.
void AddWithImports(const FileDescriptor& file, std::set<const FileDescriptor*>& added,
                    grpc::reflection::v1::FileDescriptorResponse& response) {
  if (!added.insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), added, response);
}

void SetFile(const FileDescriptor* file, Reflection::Response& response) {
  if (file == nullptr) return SetError(kNotFound, "not found", response);
  std::set<const FileDescriptor*> added;
  AddWithImports(*file, added, *response.mutable_file_descriptor_response());
}

}  // namespace

Reflection::Reflection(const google::protobuf::DescriptorPool& pool, std::vector<std::string> services)
    : pool_(pool), services_(std::move(services)) {
  std::sort(services_.begin(), services_.end());
}

Reflection::Response Reflection::Answer(const Request& request) const {
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const std::string& name : services_) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      return response;
    case Request::kFileByFilename:
      SetFile(pool_.FindFileByName(request.file_by_filename()), response);
      return response;
    case Request::kFileContainingSymbol:
      SetFile(pool_.FindFileContainingSymbol(request.file_containing_symbol()), response);
      return response;
    case Request::kFileContainingExtension:
      SetExtension(request.file_containing_extension(), response);
      return response;
    case Request::kAllExtensionNumbersOfType:
      SetExtensionNumbers(request.all_extension_numbers_of_type(), response);
      return response;
    case Request::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  SetError(kInvalidArgument, "the request asks nothing", response);
  return response;
}

void Reflection::SetExtension(const grpc::reflection::v1::ExtensionRequest& request,
                              Response& response) const {
  const auto* type = pool_.FindMessageTypeByName(request.containing_type());
  const auto* extension =
      type == nullptr ? nullptr : pool_.FindExtensionByNumber(type, request.extension_number());
  SetFile(extension == nullptr ? nullptr : extension->file(), response);
}

void Reflection::SetExtensionNumbers(const std::string& name, Response& response) const {
  const auto* type = pool_.FindMessageTypeByName(name);
  if (type == nullptr) return SetError(kNotFound, "not found", response);
  std::vector<const google::protobuf::FieldDescriptor*> extensions;
  pool_.FindAllExtensions(type, &extensions);
  response.mutable_all_extension_numbers_response()->set_base_type_name(name);
  for (const auto* extension : extensions) {
    response.mutable_all_extension_numbers_response()->add_extension_number(extension->number());
  }
}

}  // namespace arasta::reflection
