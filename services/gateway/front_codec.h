// A protocol that clients speak: how its HTTP body carries gRPC's messages, and how its answer carries
// metadata, messages and the final status. One file a protocol; a codec lives as long as its exchange.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/gateway/byte_queue.h"
#include "services/gateway/header_block.h"
#include "services/gateway/message_decoder.h"
#include "services/gateway/request_head.h"

namespace arasta::gateway {

// What a codec writes its answer to.
class HttpAnswer {
 public:
  virtual void SendHead(int http_status, const HeaderBlock& fields) = 0;
  // The body so far; append, then call BodyGrew.
  virtual ByteQueue& body() = 0;
  virtual void BodyGrew() = 0;
  // Ends the answer; trailers are HTTP trailers and may be empty.
  virtual void End(HeaderBlock trailers) = 0;
  // Head and end in one, without a body.
  virtual void SendHeadOnly(int http_status, const HeaderBlock& fields) = 0;
  // Gives up a backend whose answer cannot be told; the codec's End follows at once, with this status.
  virtual void Fail(const absl::Status& status) = 0;
  // In place of End, where no end could be told from more of what has begun: the client sees that the answer
  // was cut off.
  virtual void Break() = 0;

 protected:
  ~HttpAnswer() = default;
};

// What a client's head says of the call, in the fields of its protocol.
struct CallTerms {
  absl::Duration timeout = absl::InfiniteDuration();
  bool gzip = false;         // request messages with flag 1 are gzip
  MessageMap map = nullptr;  // of request messages that are not protobuf
};

class FrontCodec {
 public:
  virtual ~FrontCodec() = default;

  // For logs and metrics.
  virtual absl::string_view name() const = 0;
  // The type to tell the backend, given the client's.
  virtual std::string BackendContentType(absl::string_view content_type) const = 0;
  // Whether the client's head is a browser's rather than gRPC metadata.
  virtual bool from_browser() const = 0;
  // INVALID_ARGUMENT naming the field; UNIMPLEMENTED, COMPRESSION_UNSUPPORTED.
  virtual absl::StatusOr<CallTerms> Terms(const RequestHead& head) const = 0;

  // Body bytes to frames of messages that are as the terms say; what is kept until the end is the codec's to
  // bound. INVALID_ARGUMENT for what can't be decoded.
  virtual absl::Status Request(absl::string_view body, ByteQueue& frames) = 0;
  virtual absl::Status RequestEnd(ByteQueue& frames) = 0;

  // In this order; End alone, or Head, any number of Messages, and End.
  virtual void Head(const HeaderBlock& metadata, HttpAnswer& answer) = 0;
  virtual void Messages(absl::string_view frames, HttpAnswer& answer) = 0;
  virtual void End(const HeaderBlock& trailers, HttpAnswer& answer) = 0;

  // What it keeps of the request and the answer takes of memory.
  virtual size_t held() const { return 0; }
};

std::unique_ptr<FrontCodec> NewGrpcCodec();
std::unique_ptr<FrontCodec> NewGrpcWebCodec(absl::string_view suffix, bool text_request, bool text_answer);
std::unique_ptr<FrontCodec> NewWebhookCodec(const RequestHead& head, uint32_t max_body_bytes);

// Of gRPC and gRPC-Web.
absl::StatusOr<CallTerms> GrpcTerms(const RequestHead& head);

}  // namespace arasta::gateway
