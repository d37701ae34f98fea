// What Connect's two protocols, unary calls as plain HTTP and streams in envelopes, have in common.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/connect_query.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/json/json_mapping.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {

// What is told of the call in the fields that both have. `encoding` is what compresses the request, `map`
// what its messages are.
absl::StatusOr<CallTerms> ConnectTerms(const RequestHead& head, absl::string_view encoding, MessageMap map);

// What failed, by the trailers that say so:
// {"code":"not_found","message":"…","details":[{"type":…,"value":…}]}.
std::string ConnectError(const HeaderBlock& trailers);
// {"x-name":["first","second"]}
std::string ConnectMetadata(const HeaderBlock& trailers);

// Adds what is metadata, rather than gRPC's or HTTP's own; names get `prefix`.
void AddMetadata(const HeaderBlock& from, absl::string_view prefix, HeaderBlock& to);

// What a client's messages are: protobuf, or JSON; and whether those for it may be gzip.
struct ConnectFormat {
  absl::string_view name = "proto";
  const JsonMapping* json = nullptr;  // only where there is a method
  bool gzip = false;

  bool is_json() const { return name != "proto"; }
  // For the terms of a call: none for protobuf.
  MessageMap RequestMap(const Method* method) const;
  // Appends what the client is told of an answer's message. INTERNAL where it is none of the method's.
  absl::Status AppendAnswer(const Method& method, absl::string_view message, std::string& out) const;
};

// `method` outlives the codec, and is null where there is only an error to tell.
std::unique_ptr<FrontCodec> NewConnectUnaryCodec(const RequestHead& head, const Method* method,
                                                 ConnectFormat format);
std::unique_ptr<FrontCodec> NewConnectGetCodec(ConnectQuery query, const Method& method,
                                               ConnectFormat format);
std::unique_ptr<FrontCodec> NewConnectStreamCodec(const Method* method, ConnectFormat format);

// Of a backend whose answer cannot be told. INTERNAL, BROKEN_ANSWER.
absl::Status BrokenAnswer(absl::string_view why);

}  // namespace arasta::gateway
