// Registers handlers: one line an RPC, and the table of contents of a service.
//
//   rpc::Service<v1::CatalogService> service(server, workers);
//   service.Add("GetProduct", &CatalogService::FindCachedProduct, &CatalogService::GetProduct, catalog);
//   service.Add("ListProducts", &CatalogService::ListProducts, catalog);
//
// The handler's signature tells its kind; const or not does not matter:
//   unary             StatusOr<Resp> F(const Call&, const Req&)                on a worker
//   fast unary        optional<StatusOr<Resp>> F(const Call&, const Req&)      on the queue's thread,
//                     must never block; given before the blocking one, which answers where it says nullopt
//   client streaming  StatusOr<Resp> F(const Call&, rpc::Reader<Req>&)         on a worker
//   server streaming  Status F(const Call&, const Req&, rpc::Writer<Resp>&)    on a worker
//   idle watch        Status F(const Call&, const Req&, rpc::Watch<Resp>)      on a worker, returns at once;
//                     OK means the watch goes on, an error ends it
//
// A name that the service lacks, or types that differ from the contract's, end the process at start.
// No generated async service is needed: the requests travel as bytes until the pipeline parses them,
// so that garbage is answered INVALID_ARGUMENT (gRPC's own parsing says INTERNAL).
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/call/call.h"
#include "common/rpc/method.h"
#include "common/rpc/server.h"
#include "common/rpc/stream.h"

namespace arasta::rpc {

// What a handler's type says, taken apart; a specialisation for const and one for not.
template <typename Handler>
struct HandlerTraits;
template <typename Result, typename Object, typename... Args>
struct HandlerTraits<Result (Object::*)(const Call&, Args...)> {
  using Signature = Result(Args...);
};
template <typename Result, typename Object, typename... Args>
struct HandlerTraits<Result (Object::*)(const Call&, Args...) const> {
  using Signature = Result(Args...);
};

class ServiceBase {
 public:
  ServiceBase(const ServiceBase&) = delete;
  ServiceBase& operator=(const ServiceBase&) = delete;

  // `object` outlives the server. `workers` other than the service's own: for handlers that wait for
  // peers rather than for the database.
  template <typename Handler, typename Object>
  void Add(absl::string_view method, Handler handler, Object& object,
           concurrency::WorkerPool* workers = nullptr) {
    auto bound = [handler, &object](const Call& call, auto&&... args) {
      return (object.*handler)(call, std::forward<decltype(args)>(args)...);
    };
    AddTyped(method, static_cast<typename HandlerTraits<Handler>::Signature*>(nullptr), bound, workers);
  }

  template <typename Request, typename Response, typename Fast, typename Blocking, typename Object>
  void Add(absl::string_view method,
           absl::optional<absl::StatusOr<Response>> (Fast::*fast)(const Call&, const Request&),
           absl::StatusOr<Response> (Blocking::*blocking)(const Call&, const Request&), Object& object,
           concurrency::WorkerPool* workers = nullptr) {
    Handlers handlers;
    handlers.fast = BindFast<Request, Response>(
        [fast, &object](const Call& call, const Request& request) { return (object.*fast)(call, request); });
    handlers.unary =
        BindUnary<Request, Response>([blocking, &object](const Call& call, const Request& request) {
          return (object.*blocking)(call, request);
        });
    Register(method, Request::default_instance(), Response::default_instance(), std::move(handlers), workers);
  }

  // A bidirectional stream of which `handler` answers every request, on the queue's thread: it must never
  // block.
  template <typename Object, typename Request, typename Response>
  void AddConversation(absl::string_view method,
                       absl::StatusOr<Response> (Object::*handler)(const Call&, const Request&) const,
                       const Object& object) {
    Handlers handlers;
    handlers.conversation =
        BindUnary<Request, Response>([handler, &object](const Call& call, const Request& request) {
          return (object.*handler)(call, request);
        });
    Register(method, Request::default_instance(), Response::default_instance(), std::move(handlers), nullptr);
  }

 protected:
  // `foreign_access`: of contracts that are not ours and carry no `access`. PUBLIC lets any peer in.
  ServiceBase(Server& server, absl::string_view full_name, concurrency::WorkerPool* workers,
              absl::optional<options::v1::Access> foreign_access = absl::nullopt);
  ~ServiceBase() = default;

 private:
  template <typename Request, typename Response, typename Bound>
  static UnaryHandler BindUnary(Bound bound) {
    return [bound](const Call& call, const Message& request, ResponseSink& sink) {
      absl::StatusOr<Response> response = bound(call, static_cast<const Request&>(request));
      if (response.ok()) sink.Set(*response);
      return response.status();
    };
  }

  template <typename Request, typename Response, typename Bound>
  static FastHandler BindFast(Bound bound) {
    return [bound](const Call& call, const Message& request,
                   ResponseSink& sink) -> absl::optional<absl::Status> {
      absl::optional<absl::StatusOr<Response>> response = bound(call, static_cast<const Request&>(request));
      if (!response.has_value()) return absl::nullopt;
      if (response->ok()) sink.Set(**response);
      return response->status();
    };
  }

  template <typename Request, typename Response, typename Bound>
  void AddTyped(absl::string_view method, absl::StatusOr<Response> (*)(const Request&), Bound bound,
                concurrency::WorkerPool* workers) {
    Handlers handlers;
    handlers.unary = BindUnary<Request, Response>(bound);
    Register(method, Request::default_instance(), Response::default_instance(), std::move(handlers), workers);
  }

  template <typename Request, typename Response, typename Bound>
  void AddTyped(absl::string_view method, absl::optional<absl::StatusOr<Response>> (*)(const Request&),
                Bound bound, concurrency::WorkerPool* workers) {
    Handlers handlers;
    handlers.fast = BindFast<Request, Response>(bound);
    Register(method, Request::default_instance(), Response::default_instance(), std::move(handlers), workers);
  }

  template <typename Request, typename Response, typename Bound>
  void AddTyped(absl::string_view method, absl::StatusOr<Response> (*)(Reader<Request>&), Bound bound,
                concurrency::WorkerPool* workers) {
    struct Typed final : Reader<Request> {
      explicit Typed(RawReader& raw) : raw(raw) {}
      bool Read(Request* request) override { return raw.Read(request); }
      RawReader& raw;
    };
    Handlers handlers;
    handlers.client_stream = [bound](const Call& call, RawReader& raw, ResponseSink& sink) {
      Typed reader(raw);
      absl::StatusOr<Response> response = bound(call, static_cast<Reader<Request>&>(reader));
      if (response.ok()) sink.Set(*response);
      return response.status();
    };
    Register(method, Request::default_instance(), Response::default_instance(), std::move(handlers), workers);
  }

  template <typename Request, typename Response, typename Bound>
  void AddTyped(absl::string_view method, absl::Status (*)(const Request&, Writer<Response>&), Bound bound,
                concurrency::WorkerPool* workers) {
    struct Typed final : Writer<Response> {
      explicit Typed(RawWriter& raw) : raw(raw) {}
      bool Write(const Response& response) override { return raw.Write(response); }
      RawWriter& raw;
    };
    Handlers handlers;
    handlers.server_stream = [bound](const Call& call, const Message& request, RawWriter& raw) {
      Typed writer(raw);
      return bound(call, static_cast<const Request&>(request), static_cast<Writer<Response>&>(writer));
    };
    Register(method, Request::default_instance(), Response::default_instance(), std::move(handlers), workers);
  }

  template <typename Request, typename Response, typename Bound>
  void AddTyped(absl::string_view method, absl::Status (*)(const Request&, Watch<Response>), Bound bound,
                concurrency::WorkerPool* workers) {
    struct Typed final : Watch<Response>::Sink {
      explicit Typed(std::shared_ptr<RawWatch> raw) : raw(std::move(raw)) {}
      bool Write(Response response) override { return raw->Write(response); }
      void Finish(const absl::Status& status) override { raw->Finish(status); }
      void OnCancel(absl::AnyInvocable<void()> callback) override { raw->OnCancel(std::move(callback)); }
      std::shared_ptr<RawWatch> raw;
    };
    Handlers handlers;
    handlers.watch = [bound](const Call& call, const Message& request, std::shared_ptr<RawWatch> raw) {
      return bound(call, static_cast<const Request&>(request),
                   Watch<Response>(std::make_shared<Typed>(std::move(raw))));
    };
    Register(method, Request::default_instance(), Response::default_instance(), std::move(handlers), workers);
  }

  void Register(absl::string_view method, const Message& request, const Message& response, Handlers handlers,
                concurrency::WorkerPool* workers);

  Server& server_;
  const google::protobuf::ServiceDescriptor* descriptor_;
  concurrency::WorkerPool* workers_;
  absl::optional<options::v1::Access> foreign_access_;
};

// `Generated` is the class that gRPC generates: v1::CatalogService. May be destroyed before the server.
template <typename Generated>
class Service : public ServiceBase {
 public:
  Service(Server& server, concurrency::WorkerPool& workers)
      : ServiceBase(server, Generated::service_full_name(), &workers) {}
};

}  // namespace arasta::rpc
