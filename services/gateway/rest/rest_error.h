// Errors as REST tells them: google.rpc.Status in JSON, under the HTTP status that the code stands for.
#pragma once

#include <google/rpc/status.pb.h>

#include <string>

#include "absl/status/status.h"
#include "services/gateway/header_block.h"
#include "services/gateway/json/json_mapping.h"

namespace arasta::gateway {

// The gateway's own, which have HTTP statuses of their own.
absl::Status UnknownPath();                              // 404
absl::Status MethodNotAllowed(absl::string_view allow);  // 405; "GET, HEAD"
absl::Status UnsupportedMediaType();                     // 415

int HttpStatusOf(const google::rpc::Status& error);

// What HTTP says in headers: allow, www-authenticate, and retry-after where `head` has none.
void AddErrorFields(const google::rpc::Status& error, HeaderBlock& head);

// {"code", "message", "details"}; a detail of a type that `pool` does not know is {"@type", "value"}, its
// bytes in base64.
std::string ErrorToJson(const google::rpc::Status& error, const google::protobuf::DescriptorPool& pool,
                        const JsonMapping& json);

}  // namespace arasta::gateway
