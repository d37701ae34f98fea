#include "services/gateway/routes.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace arasta::gateway {
namespace {

using options::v1::Access;

constexpr absl::Duration kDefaultUnaryDeadline = absl::Seconds(5);

const Route* RouteOf(absl::string_view path, const std::vector<Route>& routes) {
  const Route* longest = nullptr;
  for (const Route& route : routes) {
    if (!absl::StartsWith(path, route.prefix)) continue;
    if (longest == nullptr || route.prefix.size() > longest->prefix.size()) longest = &route;
  }
  return longest;
}

Method Describe(const google::protobuf::MethodDescriptorProto& proto, Access::Who default_access) {
  const google::protobuf::MethodOptions& declared = proto.options();
  const Access& access = declared.GetExtension(options::v1::access);
  Method method;
  method.who = declared.HasExtension(options::v1::access) ? access.who() : default_access;
  method.permission = access.permission();
  method.client_streaming = proto.client_streaming();
  method.server_streaming = proto.server_streaming();
  method.idempotent = declared.idempotency_level() != google::protobuf::MethodOptions::IDEMPOTENCY_UNKNOWN;
  const uint32_t max_deadline_ms = declared.GetExtension(options::v1::max_deadline_ms);
  if (max_deadline_ms > 0) {
    method.max_deadline = absl::Milliseconds(max_deadline_ms);
  } else if (!proto.client_streaming() && !proto.server_streaming()) {
    method.max_deadline = kDefaultUnaryDeadline;
  }
  return method;
}

bool Served(Access::Who who) {
  return who != Access::WHO_UNSPECIFIED && who != Access::INTERNAL;
}

}  // namespace

absl::StatusOr<RouteTable> RouteTable::Build(const google::protobuf::FileDescriptorSet& files,
                                             const std::vector<Route>& routes,
                                             const std::vector<std::string>& backends,
                                             uint32_t max_request_bytes) {
  RouteTable table;
  for (const google::protobuf::FileDescriptorProto& file : files.file()) {
    for (const google::protobuf::ServiceDescriptorProto& service : file.service()) {
      for (const google::protobuf::MethodDescriptorProto& proto : service.method()) {
        std::string path = absl::StrCat("/", file.package(), ".", service.name(), "/", proto.name());
        const Route* route = RouteOf(path, routes);
        if (route == nullptr) continue;
        const auto backend = std::find(backends.begin(), backends.end(), route->backend);
        if (backend == backends.end()) {
          return absl::InvalidArgumentError(
              absl::StrCat("route ", route->prefix, " names the unknown backend ", route->backend));
        }
        Method method = Describe(proto, route->default_access);
        if (!Served(method.who) || table.by_path_.contains(path)) continue;
        method.path = std::move(path);
        method.index = table.methods_.size();
        method.backend = static_cast<size_t>(backend - backends.begin());
        method.max_request_bytes = max_request_bytes;
        table.methods_.push_back(std::make_unique<Method>(std::move(method)));
        table.by_path_.emplace(table.methods_.back()->path, table.methods_.back().get());
      }
    }
  }
  return table;
}

const Method* RouteTable::Find(absl::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

absl::StatusOr<google::protobuf::FileDescriptorSet> ReadDescriptors(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  google::protobuf::FileDescriptorSet files;
  if (!stream || !files.ParseFromIstream(&stream)) {
    return absl::InvalidArgumentError(absl::StrCat("not a descriptor set: ", file));
  }
  return files;
}

}  // namespace arasta::gateway
