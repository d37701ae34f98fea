// Build step: fails when an RPC of the descriptor set does not say who may call it, and how it is
// limited. What is not written in the contract can't be enforced by the pipeline.
//   arasta_contract_check arasta.binpb

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arasta/options/v1/options.pb.h"

namespace arasta {
namespace {

using google::protobuf::MethodDescriptorProto;
using google::protobuf::ServiceDescriptorProto;
using options::v1::Access;

// Empty where the method says everything; otherwise what is missing.
std::string Missing(const MethodDescriptorProto& method) {
  const auto& method_options = method.options();
  if (!method_options.HasExtension(options::v1::access)) return "says nothing about access";
  const Access& access = method_options.GetExtension(options::v1::access);
  if (access.who() == Access::WHO_UNSPECIFIED) return "does not say who may call it";
  if (access.who() == Access::STAFF && access.permission().empty())
    return "is for STAFF without a permission";
  if (access.who() == Access::INTERNAL && access.peers().empty()) return "is INTERNAL without peers";
  // Between processes there are no rate classes: peers are bounded by queues.
  const bool limited = method_options.GetExtension(options::v1::rate_class) != 0;
  if (!limited && access.who() != Access::INTERNAL) return "has no rate_class";
  return "";
}

std::vector<std::string> Problems(const google::protobuf::FileDescriptorSet& contract) {
  std::vector<std::string> problems;
  for (const auto& file : contract.file()) {
    if (!absl::StartsWith(file.package(), "arasta.")) continue;
    for (const ServiceDescriptorProto& service : file.service()) {
      for (const MethodDescriptorProto& method : service.method()) {
        const std::string missing = Missing(method);
        if (missing.empty()) continue;
        problems.push_back(absl::StrCat(file.name(), ": ", service.name(), ".", method.name(), " ", missing));
      }
    }
  }
  return problems;
}

int Main(const char* path) {
  google::protobuf::FileDescriptorSet contract;
  std::ifstream file(path, std::ios::binary);
  if (!file || !contract.ParseFromIstream(&file) || contract.file().empty()) {
    std::cerr << path << ": not a descriptor set\n";
    return 2;
  }
  const std::vector<std::string> problems = Problems(contract);
  for (const std::string& problem : problems) std::cerr << problem << "\n";
  return problems.empty() ? 0 : 1;
}

}  // namespace
}  // namespace arasta

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: arasta_contract_check arasta.binpb\n";
    return 2;
  }
  return arasta::Main(argv[1]);
}
