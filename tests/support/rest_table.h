// The rules of RestService (protos/arasta/testing/v1) as the gateway serves them.
#pragma once

#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <utility>

#include "arasta/testing/v1/rest_service.pb.h"
#include "services/gateway/routes.h"

namespace arasta::testing {

inline void AddWithImports(const google::protobuf::FileDescriptor& file, std::set<std::string>& added,
                           google::protobuf::FileDescriptorSet& files) {
  if (!added.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), added, files);
  file.CopyTo(files.add_file());
}

inline google::protobuf::FileDescriptorSet RestFiles() {
  google::protobuf::FileDescriptorSet files;
  std::set<std::string> added;
  AddWithImports(*v1::DeleteThingRequest::descriptor()->file(), added, files);
  return files;
}

inline const gateway::RouteTable& RestTable() {
  static const auto& table = *[] {
    auto built =
        gateway::RouteTable::Build(RestFiles(), {{"/arasta.testing.v1.", "things"}}, {"things"}, 10'000);
    if (built.ok()) return new gateway::RouteTable(*std::move(built));
    std::cerr << built.status() << std::endl;
    std::abort();
  }();
  return table;
}

}  // namespace arasta::testing
