// Which method a request is for, and which protocol it speaks.
#pragma once

#include <memory>

#include "absl/strings/string_view.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/request_head.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {

struct FrontChoice {
  // Null: nothing is served under the path.
  const Method* method = nullptr;
  // Something to show instead of a call.
  const Page* page = nullptr;
  // Null where no protocol is spoken that an error could be told in. HTTP itself then says this.
  std::unique_ptr<FrontCodec> codec;
  // With a codec and no method: why, unless it is unknown.
  absl::Status refusal;
  int http_status = 0;
  absl::string_view message = {};
  absl::string_view allow = {};        // the verbs, with 405
  absl::string_view accept_post = {};  // the types, with 415
};

FrontChoice ChooseFront(const RequestHead& head, bool http2, const RouteTable& routes);

}  // namespace arasta::gateway
