// What Connect's two protocols, unary calls as plain HTTP and streams in envelopes, have in common.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/connect_query.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {

// What is told of the call in the fields that both have. `encoding` is what compresses the request.
absl::StatusOr<CallTerms> ConnectTerms(const RequestHead& head, absl::string_view encoding);

// What failed, by the trailers that say so:
// {"code":"not_found","message":"…","details":[{"type":…,"value":…}]}.
std::string ConnectError(const HeaderBlock& trailers);
// {"x-name":["first","second"]}
std::string ConnectMetadata(const HeaderBlock& trailers);

// Adds what is metadata, rather than gRPC's or HTTP's own; names get `prefix`.
void AddMetadata(const HeaderBlock& from, absl::string_view prefix, HeaderBlock& to);

// `method` outlives the codec, and is null where there is only an error to tell.
std::unique_ptr<FrontCodec> NewConnectUnaryCodec(const RequestHead& head, const Method* method);
std::unique_ptr<FrontCodec> NewConnectGetCodec(ConnectQuery query, const Method& method);
std::unique_ptr<FrontCodec> NewConnectStreamCodec();

}  // namespace arasta::gateway
