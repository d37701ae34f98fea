// The streams a handler is given. No gRPC here, so that services' headers stay cheap to include.
#pragma once

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"

namespace arasta::rpc {

// What a client-streaming handler reads from, on its worker.
template <typename Request>
class Reader {
 public:
  virtual ~Reader() = default;
  // Waits for the next message. False at the end of the stream, once the call is cancelled, or when a
  // message breaks its bounds; in the latter cases whatever the handler returns is not sent.
  virtual bool Read(Request* request) = 0;
};

// What a server-streaming handler writes to, on its worker.
template <typename Response>
class Writer {
 public:
  virtual ~Writer() = default;
  // Waits until the message before this one is on the wire, which bounds what is buffered. False once
  // the call is cancelled: the handler should return.
  virtual bool Write(const Response& response) = 0;
};

// A stream that mostly idles and holds no worker: events feed it from any thread until it is finished,
// cancelled, or the caller's token ends. A handle: copies name the same stream. Thread-safe; never blocks.
template <typename Response>
class Watch {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual bool Write(Response response) = 0;
    virtual void Finish(const absl::Status& status) = 0;
    virtual void OnCancel(absl::AnyInvocable<void()> callback) = 0;
  };

  explicit Watch(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}

  // False once the stream has ended. A reader that lets 64 messages pile up is cut off with
  // RESOURCE_EXHAUSTED, reason SLOW_READER: it resumes from what it has.
  bool Write(Response response) const { return sink_->Write(std::move(response)); }
  // Ends the stream after what was written; later calls do nothing.
  void Finish(const absl::Status& status) const { sink_->Finish(status); }
  // `callback` runs once, when the stream has ended for whatever reason; at once if it already has.
  // It may run on the queue's thread, so it must not block.
  void OnCancel(absl::AnyInvocable<void()> callback) const { sink_->OnCancel(std::move(callback)); }

 private:
  std::shared_ptr<Sink> sink_;
};

}  // namespace arasta::rpc
