// One RPC of a registered service: what its contract says and the function that answers it, with the
// types taken off. Made by service.h, run by pipeline.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "arasta/options/v1/options.pb.h"
#include "common/call/call.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace arasta::concurrency {
class WorkerPool;
}

namespace arasta::rpc {

// Where a handler's response goes: serialised while it is still warm, sent by the call.
class ResponseSink {
 public:
  virtual void Set(const google::protobuf::Message& response) = 0;

 protected:
  ~ResponseSink() = default;
};

// The streams of stream.h without their types.
class RawReader {
 public:
  virtual bool Read(google::protobuf::Message* request) = 0;

 protected:
  ~RawReader() = default;
};

class RawWriter {
 public:
  virtual bool Write(const google::protobuf::Message& response) = 0;

 protected:
  ~RawWriter() = default;
};

class RawWatch {
 public:
  virtual ~RawWatch() = default;
  virtual bool Write(const google::protobuf::Message& response) = 0;
  virtual void Finish(const absl::Status& status) = 0;
  virtual void OnCancel(absl::AnyInvocable<void()> callback) = 0;
};

using Message = google::protobuf::Message;
using UnaryHandler = std::function<absl::Status(const Call&, const Message&, ResponseSink&)>;
// Nullopt: it would block, so the UnaryHandler shall answer on a worker.
using FastHandler = std::function<absl::optional<absl::Status>(const Call&, const Message&, ResponseSink&)>;
using ClientStreamHandler = std::function<absl::Status(const Call&, RawReader&, ResponseSink&)>;
using ServerStreamHandler = std::function<absl::Status(const Call&, const Message&, RawWriter&)>;
using WatchHandler = std::function<absl::Status(const Call&, const Message&, std::shared_ptr<RawWatch>)>;

// Exactly one kind is set: unary (fast, or both), client stream, server stream, watch or conversation.
struct Handlers {
  FastHandler fast;
  UnaryHandler unary;
  ClientStreamHandler client_stream;
  ServerStreamHandler server_stream;
  WatchHandler watch;
  UnaryHandler conversation;  // of each request; must not block
};

// Immutable once registered.
struct Method {
  std::string name;  // "arasta.catalog.v1.CatalogService/GetProduct"
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  // The contract's `access`; of gRPC's own contracts, which have none, what their registration says.
  options::v1::Access access;
  bool any_peer = false;
  const Message* request_prototype = nullptr;
  Handlers handlers;
  concurrency::WorkerPool* workers = nullptr;  // Null only where every call is answered fast.

  bool streams() const { return descriptor->client_streaming() || descriptor->server_streaming(); }
};

}  // namespace arasta::rpc
