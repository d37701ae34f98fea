// Which methods the gateway serves, and what the contracts say about each: read from descriptors, never
// from a table of our own.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <bitset>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "arasta/options/v1/options.pb.h"
#include "common/reflection/reflection.h"
#include "services/gateway/bulkhead.h"
#include "services/gateway/json/json_mapping.h"
#include "services/gateway/rest/pages.h"
#include "services/gateway/rest/rest_routes.h"

namespace arasta::gateway {

// Where webhooks are posted to.
inline constexpr absl::string_view kWebhooks = "/webhooks/";

struct Route {
  std::string prefix;   // of the path: "/arasta.catalog.v1."
  std::string backend;  // by name
  // For services whose methods declare no access of their own, such as grpc.health.v1: PUBLIC lets
  // everybody in. Unspecified keeps such methods out.
  options::v1::Access::Who default_access = options::v1::Access::WHO_UNSPECIFIED;
  uint32_t max_request_bytes = 0;  // of a message; 0: as elsewhere
  // Of every method, streams too, unless its contract says less. Zero: what the contract says, and a moment
  // for unary methods where it says nothing.
  absl::Duration max_deadline = absl::ZeroDuration();
  // The same for rate classes. Unspecified: such methods are not limited.
  options::v1::RateClass default_rate_class = options::v1::RATE_CLASS_UNSPECIFIED;
  // Under way at a time, over all workers; those of a former configuration don't count. 0: ten thousand.
  uint32_t max_calls = 0;
  // With which idempotent methods are tried again; UNAVAILABLE need not be said.
  std::vector<absl::StatusCode> retry_on = {};
};

// `POST /webhooks/{name}` is a call of `method` ("/shop.v1.Payments/Notify"), which takes an
// arasta.type.v1.HttpRequest.
struct Webhook {
  std::string name;
  std::string method;
};

struct Method {
  std::string path;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;  // the table's
  size_t index = 0;                                                // within the table
  size_t backend = 0;                                              // index into the list of backends
  options::v1::Access::Who who = options::v1::Access::WHO_UNSPECIFIED;
  std::string permission;
  options::v1::RateClass rate_class = options::v1::RATE_CLASS_UNSPECIFIED;
  bool client_streaming = false;
  bool server_streaming = false;
  bool idempotent = false;
  // By code: whether an idempotent call that ended so is made again.
  std::bitset<17> retry_on;
  absl::Duration max_deadline = absl::InfiniteDuration();
  uint32_t max_request_bytes = 0;  // a message
  Bulkhead* bulkhead = nullptr;    // the table's, shared by the methods of a route; null: none
  // Of methods that the gateway itself serves: the response to a request, which must never block.
  std::function<std::string(absl::string_view)> answer_here = nullptr;
};

// Shared by all workers; immutable but for the count of calls in its bulkheads.
class RouteTable {
 public:
  // INVALID_ARGUMENT for a route to a backend that is not in `backends`, for files that need others, and for
  // rules of google.api.http that are wrong or contradict each other.
  static absl::StatusOr<RouteTable> Build(const google::protobuf::FileDescriptorSet& files,
                                          const std::vector<Route>& routes,
                                          const std::vector<std::string>& backends,
                                          uint32_t max_request_bytes);

  // Of a method under `routes`; an internal one too, if the gateway is among its peers. INVALID_ARGUMENT for
  // any other, and where it takes something else.
  absl::Status AddWebhook(const Webhook& webhook, const std::vector<Route>& routes,
                          const std::vector<std::string>& backends, uint32_t max_request_bytes);
  // Serves grpc.reflection of all that is served by now, to everybody; where a route leads to another's, that
  // stays.
  void AddReflection(uint32_t max_request_bytes);

  // Null for what is not served; internal methods are not.
  const Method* Find(absl::string_view path) const;
  // By the path that it is posted to, without a query.
  const Method* FindWebhook(absl::string_view path) const;
  const std::vector<std::unique_ptr<Method>>& methods() const { return methods_; }
  const RestRoutes& rest() const { return rest_; }
  const Pages& pages() const { return pages_; }
  // All types of the methods, and those of errors.
  const google::protobuf::DescriptorPool& pool() const { return *pool_; }
  const JsonMapping& json() const { return *json_; }

 private:
  Bulkhead& BulkheadOf(const Route& route);
  void Add(Method method);
  const Method& Keep(Method method);

  std::unique_ptr<google::protobuf::DescriptorPool> pool_ =
      std::make_unique<google::protobuf::DescriptorPool>();
  std::unique_ptr<const reflection::Reflection> reflection_;
  std::vector<std::unique_ptr<Method>> methods_;
  absl::flat_hash_map<absl::string_view, const Method*> by_path_;
  RestRoutes rest_;
  std::unique_ptr<JsonMapping> json_ = std::make_unique<JsonMapping>(*pool_);
  Pages pages_;
  absl::flat_hash_map<std::string, const Method*> webhooks_;
  // By the prefix of the route.
  absl::flat_hash_map<std::string, std::unique_ptr<Bulkhead>> bulkheads_;
};

// Reads a file that protoc wrote with --descriptor_set_out.
absl::StatusOr<google::protobuf::FileDescriptorSet> ReadDescriptors(const std::string& file);

}  // namespace arasta::gateway
