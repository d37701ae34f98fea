#include "services/gateway/routes.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "arasta/type/v1/http_request.pb.h"
#include "common/base/status_macros.h"

namespace arasta::gateway {
namespace {

using options::v1::Access;

constexpr absl::Duration kDefaultUnaryDeadline = absl::Seconds(5);
constexpr uint32_t kDefaultMaxCalls = 10'000;

const Route* RouteOf(absl::string_view path, const std::vector<Route>& routes) {
  const Route* longest = nullptr;
  for (const Route& route : routes) {
    if (!absl::StartsWith(path, route.prefix)) continue;
    if (longest == nullptr || route.prefix.size() > longest->prefix.size()) longest = &route;
  }
  return longest;
}

Method Describe(const google::protobuf::MethodDescriptor& descriptor, const Route& route,
                uint32_t max_request_bytes) {
  const google::protobuf::MethodOptions& declared = descriptor.options();
  const Access& access = declared.GetExtension(options::v1::access);
  Method method;
  method.descriptor = &descriptor;
  method.who = declared.HasExtension(options::v1::access) ? access.who() : route.default_access;
  method.permission = access.permission();
  method.rate_class = declared.HasExtension(options::v1::rate_class)
                          ? declared.GetExtension(options::v1::rate_class)
                          : route.default_rate_class;
  if (method.rate_class == options::v1::RATE_CLASS_NONE)
    method.rate_class = options::v1::RATE_CLASS_UNSPECIFIED;
  method.client_streaming = descriptor.client_streaming();
  method.server_streaming = descriptor.server_streaming();
  method.idempotent = declared.idempotency_level() != google::protobuf::MethodOptions::IDEMPOTENCY_UNKNOWN;
  method.retry_on.set(static_cast<size_t>(absl::StatusCode::kUnavailable));
  for (const absl::StatusCode code : route.retry_on) method.retry_on.set(static_cast<size_t>(code));
  method.max_request_bytes = route.max_request_bytes > 0 ? route.max_request_bytes : max_request_bytes;
  const uint32_t max_deadline_ms = declared.GetExtension(options::v1::max_deadline_ms);
  if (max_deadline_ms > 0) method.max_deadline = absl::Milliseconds(max_deadline_ms);
  if (route.max_deadline > absl::ZeroDuration()) {
    method.max_deadline = std::min(method.max_deadline, route.max_deadline);
  } else if (max_deadline_ms == 0 && !method.client_streaming && !method.server_streaming) {
    method.max_deadline = kDefaultUnaryDeadline;
  }
  return method;
}

absl::StatusOr<size_t> IndexOf(const Route& route, const std::vector<std::string>& backends) {
  const auto backend = std::find(backends.begin(), backends.end(), route.backend);
  if (backend != backends.end()) return static_cast<size_t>(backend - backends.begin());
  return absl::InvalidArgumentError(
      absl::StrCat("route ", route.prefix, " names the unknown backend ", route.backend));
}

// Whether a method that only processes of ours may call is for the gateway to call.
bool ForGateway(const google::protobuf::MethodDescriptor& descriptor) {
  const auto& peers = descriptor.options().GetExtension(options::v1::access).peers();
  return std::find(peers.begin(), peers.end(), "gateway") != peers.end();
}

bool Served(Access::Who who) {
  return who != Access::WHO_UNSPECIFIED && who != Access::INTERNAL;
}

class BuildErrors final : public google::protobuf::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element, const google::protobuf::Message*,
                ErrorLocation, const std::string& message) override {
    if (first_.empty()) first_ = absl::StrCat(file, ": ", element, ": ", message);
  }
  const std::string& first() const { return first_; }

 private:
  std::string first_;
};

// Sets may have files in common.
absl::Status AddFiles(const google::protobuf::FileDescriptorSet& files,
                      google::protobuf::DescriptorPool& pool) {
  for (const google::protobuf::FileDescriptorProto& file : files.file()) {
    if (pool.FindFileByName(file.name()) != nullptr) continue;
    BuildErrors errors;
    if (pool.BuildFileCollectingErrors(file, &errors) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("descriptors: ", errors.first()));
    }
  }
  return absl::OkStatus();
}

void AddWithImports(const google::protobuf::FileDescriptor& file,
                    google::protobuf::FileDescriptorSet& files) {
  for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), files);
  file.CopyTo(files.add_file());
}

// What errors are told in, which contracts need not import.
absl::Status AddErrorTypes(google::protobuf::DescriptorPool& pool) {
  google::protobuf::FileDescriptorSet files;
  AddWithImports(*google::rpc::Status::descriptor()->file(), files);
  AddWithImports(*google::rpc::ErrorInfo::descriptor()->file(), files);
  return AddFiles(files, pool);
}

std::vector<const google::protobuf::MethodDescriptor*> MethodsOf(
    const google::protobuf::FileDescriptorSet& files, const google::protobuf::DescriptorPool& pool) {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const google::protobuf::FileDescriptorProto& proto : files.file()) {
    const google::protobuf::FileDescriptor* file = pool.FindFileByName(proto.name());
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j)
        methods.push_back(file->service(i)->method(j));
    }
  }
  return methods;
}

}  // namespace

absl::StatusOr<RouteTable> RouteTable::Build(const google::protobuf::FileDescriptorSet& files,
                                             const std::vector<Route>& routes,
                                             const std::vector<std::string>& backends,
                                             uint32_t max_request_bytes) {
  RouteTable table;
  RETURN_IF_ERROR(AddFiles(files, *table.pool_));
  RETURN_IF_ERROR(AddErrorTypes(*table.pool_));
  for (const google::protobuf::MethodDescriptor* descriptor : MethodsOf(files, *table.pool_)) {
    std::string path = absl::StrCat("/", descriptor->service()->full_name(), "/", descriptor->name());
    const Route* route = RouteOf(path, routes);
    if (route == nullptr) continue;
    ASSIGN_OR_RETURN(const size_t backend, IndexOf(*route, backends));
    Method method = Describe(*descriptor, *route, max_request_bytes);
    if (!Served(method.who)) continue;
    method.path = std::move(path);
    method.backend = backend;
    method.bulkhead = &table.BulkheadOf(*route);
    table.Add(std::move(method));
  }
  ASSIGN_OR_RETURN(table.rest_, RestRoutes::Build(table.methods_));
  table.pages_ = Pages(table);
  return table;
}

Bulkhead& RouteTable::BulkheadOf(const Route& route) {
  std::unique_ptr<Bulkhead>& bulkhead = bulkheads_[route.prefix];
  if (bulkhead == nullptr) {
    bulkhead =
        std::make_unique<Bulkhead>(route.prefix, route.max_calls > 0 ? route.max_calls : kDefaultMaxCalls);
  }
  return *bulkhead;
}

void RouteTable::Add(Method method) {
  if (by_path_.contains(method.path)) return;
  const Method& kept = Keep(std::move(method));
  by_path_.emplace(kept.path, &kept);
}

const Method& RouteTable::Keep(Method method) {
  method.index = methods_.size();
  methods_.push_back(std::make_unique<Method>(std::move(method)));
  return *methods_.back();
}

absl::Status RouteTable::AddWebhook(const Webhook& webhook, const std::vector<Route>& routes,
                                    const std::vector<std::string>& backends, uint32_t max_request_bytes) {
  const auto problem = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("webhook ", webhook.name, ": ", webhook.method, " ", what));
  };
  const Route* route = RouteOf(webhook.method, routes);
  if (route == nullptr) return problem("is under no route");
  const std::string name = absl::StrReplaceAll(absl::StripPrefix(webhook.method, "/"), {{"/", "."}});
  const google::protobuf::MethodDescriptor* descriptor = pool_->FindMethodByName(name);
  if (descriptor == nullptr) return problem("is no method");
  if (descriptor->client_streaming() || descriptor->server_streaming()) return problem("is a stream");
  if (descriptor->input_type()->full_name() != type::v1::HttpRequest::descriptor()->full_name())
    return problem("takes no arasta.type.v1.HttpRequest");
  Method method = Describe(*descriptor, *route, max_request_bytes);
  const bool internal = method.who == Access::INTERNAL && ForGateway(*descriptor);
  if (method.who != Access::PUBLIC && !internal) return problem("is not for callers without a token");
  method.who = Access::INTERNAL;
  method.path = webhook.method;
  ASSIGN_OR_RETURN(method.backend, IndexOf(*route, backends));
  method.bulkhead = &BulkheadOf(*route);
  webhooks_.emplace(absl::StrCat(kWebhooks, webhook.name), &Keep(std::move(method)));
  return absl::OkStatus();
}

const Method* RouteTable::FindWebhook(absl::string_view path) const {
  const auto found = webhooks_.find(path);
  return found == webhooks_.end() ? nullptr : found->second;
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
