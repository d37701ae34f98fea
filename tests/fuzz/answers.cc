// What backends answer, told in every protocol that clients speak: a byte names the client's request, another
// the size of pieces, then come the request's body, a head and trailers in lines, and message frames.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_split.h"
#include "services/gateway/front_choice.h"
#include "services/gateway/grpc_status.h"
#include "tests/fuzz/input.h"
#include "tests/support/gzip.h"
#include "tests/support/rest_table.h"
#include "tests/unit/gateway/recorded_answer.h"

namespace arasta::fuzz {
namespace {

struct Client {
  const char* method;
  const char* path;
  const char* content_type = "";
  const char* accept = "";
  bool takes_gzip = false;
};

constexpr char kGet[] = "/arasta.testing.v1.RestService/GetThing";
constexpr char kWatch[] = "/arasta.testing.v1.RestService/WatchThings";
constexpr std::array<Client, 18> kClients = {{
    {"POST", kGet, "application/grpc"},
    {"POST", kGet, "application/grpc-web+proto"},
    {"POST", kWatch, "application/grpc-web-text"},
    {"POST", kGet, "application/proto"},
    {"POST", kGet, "application/json"},
    {"POST", kWatch, "application/connect+proto"},
    {"POST", kWatch, "application/connect+json"},
    {"GET", "/arasta.testing.v1.RestService/GetThing?encoding=json&message=%7B%7D"},
    {"GET", "/v1/things/one"},
    {"GET", "/v1/parts/one"},
    {"POST", "/v1/things", "application/json"},
    {"GET", "/v1/things:watch"},
    {"GET", "/v1/things:watch", "", "application/x-ndjson"},
    {"GET", "/v1/things:watch", "", "text/event-stream"},
    {"POST", kGet, "application/proto", "", true},
    {"POST", kWatch, "application/connect+proto", "", true},
    {"POST", kWatch, "application/connect+json", "", true},
    {"GET", "/v1/things/one", "", "", true},
}};

// Lines up to an empty one. What no HTTP/2 library lets in is left out.
gateway::HeaderBlock Fields(Input& input) {
  gateway::HeaderBlock fields;
  for (absl::string_view line = input.Line(); !line.empty(); line = input.Line()) {
    const size_t colon = line.find(": ");
    const bool fit =
        std::all_of(line.begin(), line.end(), [](unsigned char c) { return c >= ' ' && c != 0x7f; });
    if (fit && colon != line.npos && colon > 0) fields.Add(line.substr(0, colon), line.substr(colon + 2));
  }
  return fields;
}

gateway::HeaderBlock HeadOf(const Client& client) {
  gateway::HeaderBlock fields;
  fields.Add(":method", client.method);
  fields.Add(":path", client.path);
  if (*client.content_type != 0) fields.Add("content-type", client.content_type);
  if (*client.accept != 0) fields.Add("accept", client.accept);
  if (client.takes_gzip) fields.Add("accept-encoding", "gzip");
  if (client.takes_gzip) fields.Add("connect-accept-encoding", "gzip");
  return fields;
}

// False where the call ends there.
bool TakeRequest(gateway::FrontCodec& codec, const gateway::RequestHead& head, absl::string_view body) {
  const auto terms = codec.Terms(head);
  gateway::ByteQueue frames;
  if (!terms.ok() || !codec.Request(body, frames).ok() || !codec.RequestEnd(frames).ok()) return false;
  if (!terms->map) return true;
  std::string wire;
  return terms->map(frames.front().substr(std::min(frames.size(), gateway::kFrameHeadSize)), wire).ok();
}

void CheckJson(gateway::RecordedAnswer& answer) {
  std::string body(answer.queue.front());
  if (answer.head.Find("content-encoding") == "gzip") body = testing::Gunzip(body);
  const absl::string_view type = answer.head.Find("content-type").value_or("");
  if (type == "application/json") Require(nlohmann::json::accept(body), "what is told as JSON is JSON");
  if (type != "application/x-ndjson") return;
  for (const absl::string_view line : absl::StrSplit(body, '\n', absl::SkipEmpty()))
    Require(nlohmann::json::accept(line.begin(), line.end()), "and so is every line");
}

void Tell(gateway::FrontCodec& codec, Input& input, size_t piece) {
  const gateway::HeaderBlock head = Fields(input);
  const gateway::HeaderBlock trailers = Fields(input);
  gateway::RecordedAnswer answer;
  if (!input.empty()) codec.Head(head, answer);
  while (!input.empty() && answer.failure.ok()) codec.Messages(input.Bytes(piece), answer);
  codec.End(answer.failure.ok() ? trailers : gateway::ToTrailers(answer.failure), answer);
  Require(answer.status >= 200 && answer.status < 600, "every call has an HTTP status");
  Require(answer.ended || answer.broken, "and an end, or is cut off");
  CheckJson(answer);
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  const gateway::HeaderBlock fields = fuzz::HeadOf(fuzz::kClients[input.Byte() % fuzz::kClients.size()]);
  const size_t piece = 1 + input.Byte();
  const gateway::RequestHead head = gateway::RequestHead::Of(fields);
  gateway::FrontChoice choice = gateway::ChooseFront(head, /*http2=*/true, testing::RestTable());
  fuzz::Require(choice.codec != nullptr && choice.method != nullptr, "all of these are calls");
  if (fuzz::TakeRequest(*choice.codec, head, input.Line())) fuzz::Tell(*choice.codec, input, piece);
  return 0;
}
