// Bytes as JSON has them: either alphabet is read, with padding or without; the standard one is written,
// padded.
#pragma once

#include "absl/strings/string_view.h"
#include "services/gateway/json/byte_output.h"

namespace arasta::gateway {

void AppendBase64(absl::string_view bytes, ByteOutput& out);

// False for what is no base64.
bool AppendFromBase64(absl::string_view text, ByteOutput& out);

}  // namespace arasta::gateway
