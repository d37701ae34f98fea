// The `grpc-timeout` header: one to eight digits and a unit, H M S m u or n.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace arasta::gateway {

// Nullopt for anything malformed.
absl::optional<absl::Duration> ParseGrpcTimeout(absl::string_view text);

// In the finest unit that fits, rounded down; what is used up is "0n".
std::string FormatGrpcTimeout(absl::Duration timeout);

}  // namespace arasta::gateway
