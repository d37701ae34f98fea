// Page tokens, refresh tokens, throttle states and errors of peers: what is read back is what was written,
// and nothing else.
#include <string>

#include "common/rpc/page_token.h"
#include "common/rpc/status.h"
#include "services/auth/refresh_token.h"
#include "services/auth/throttle.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  using fuzz::Require;
  fuzz::Input input(data, size);
  const std::string text(input.rest());
  const rpc::PageTokens pages("a secret of sixteen bytes or more");
  const auto cursor = pages.Decode(text, "list");
  if (cursor.ok() && !text.empty())
    Require(pages.Encode(*cursor, "list") == text, "only our own page tokens");
  const std::string place = text.substr(0, 5000);
  const auto back = pages.Decode(pages.Encode(place, "list"), "list");
  Require(back.ok() && *back == place, "a cursor comes back");
  Require(!pages.Decode(pages.Encode(place, "list"), "another").ok(), "to its own list");

  const auth::RefreshTokenCodec codec("a key of thirty-two bytes, or not");
  const auto token = codec.Decode(text);
  if (token) Require(codec.Encode(*token) == text, "only our own refresh tokens");

  const absl::Status told =
      rpc::FromPeer(grpc::Status(grpc::StatusCode::NOT_FOUND, "not here", text), "catalog");
  Require(absl::IsNotFound(told), "whatever is said of an error, it is one");
  Require(rpc::FromGrpc(rpc::ToGrpc(told)) == told, "and is passed on as it is");

  const auto state = auth::ThrottleState::Decode(text);
  if (state) Require(auth::ThrottleState::Decode(state->Encode()).has_value(), "a state is read back");
  return 0;
}
