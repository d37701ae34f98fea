// Messages as logs may show them.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace arasta::rpc {

// One line of text without the fields marked `sensitive`, and cut at 2,000 bytes.
std::string Redacted(const google::protobuf::Message& message);

}  // namespace arasta::rpc
