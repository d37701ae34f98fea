// Answers compressed for clients that take gzip, message by message or whole. Tokens in them are no reason
// not to: who could make a browser ask for them has no cookie to ask with.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/gateway/header_block.h"

namespace arasta::gateway {

// Whether a client takes it, by its accept-encoding or connect-accept-encoding.
bool TakesGzip(absl::string_view accepted);

// Whether so many bytes are worth the work: a kilobyte fits into one packet as it is, and the loop serves
// nobody else while it compresses, which for the largest takes some milliseconds.
bool IsWorthGzip(size_t size);

// None where the message is not worth it, or would be no smaller.
absl::optional<std::string> Gzip(absl::string_view message);

// The whole body of an answer with this head.
void GzipBody(bool client_takes_gzip, std::string& body, HeaderBlock& head);

}  // namespace arasta::gateway
