// The head of a request, whichever HTTP it came over: the fields that the gateway itself looks at.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/gateway/header_block.h"

namespace arasta::gateway {

// Views into the block it was read from.
struct RequestHead {
  absl::string_view method;
  absl::string_view scheme;
  absl::string_view authority;
  absl::string_view path;  // with its query
  absl::string_view content_type;
  absl::string_view accept;
  absl::string_view origin;
  absl::string_view authorization;
  absl::string_view request_id;
  absl::string_view traceparent;
  absl::optional<absl::string_view> grpc_timeout;
  absl::optional<absl::string_view> grpc_encoding;
  absl::string_view content_encoding;
  absl::string_view accept_encoding;
  absl::string_view connect_version;   // connect-protocol-version
  absl::string_view connect_encoding;  // connect-content-encoding
  absl::string_view connect_accept_encoding;
  absl::optional<absl::string_view> connect_timeout;
  absl::string_view preflight_method;   // access-control-request-method
  absl::string_view preflight_headers;  // access-control-request-headers

  const HeaderBlock* fields = nullptr;  // all of them

  // The first of each; a second pseudo-header never gets here.
  static RequestHead Of(const HeaderBlock& fields);
};

// The parts of the head that the gateway knows rather than passes on.
struct BackendHeadAdditions {
  absl::string_view path = {};
  absl::string_view content_type = {};
  absl::string_view grpc_timeout = {};  // empty: none
  absl::string_view client_address = {};
  absl::string_view client_certificate = {};
  absl::string_view request_id = {};
  absl::string_view traceparent = {};
  bool continues_trace = false;  // the client's
  // A browser's fields (cookies, Accept and the like) are no metadata.
  bool from_browser = false;
};

// RESOURCE_EXHAUSTED, METADATA_TOO_LARGE.
absl::Status MetadataTooLarge();

// Refuses what a gRPC server answers by tearing down the connection that all calls share: binary metadata
// ("-bin") that is not base64, INVALID_ARGUMENT naming the field, and more than 8 KiB of metadata, of which
// the gateway needs some for itself. All else that is odd about a head, gRPC forgives.
absl::Status CheckMetadata(const HeaderBlock& fields, bool from_browser);

// The head as the backend gets it: hop-by-hop fields, those of gRPC and those the gateway speaks itself, and
// those only the gateway may say (identity) are gone; all other metadata is as it was, duplicates and order
// included, but for binary values: those that came joined by commas go apart, and without padding.
// The metadata has passed CheckMetadata.
HeaderBlock ToBackendHead(const HeaderBlock& fields, const RequestHead& head,
                          const BackendHeadAdditions& additions);

// The head of a call that the gateway makes for itself.
HeaderBlock OwnCallHead(absl::string_view path, absl::string_view authority);

}  // namespace arasta::gateway
