#include "common/rpc/pipeline.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/spiffe.h"
#include "common/base/errors.h"
#include "common/base/uuid.h"
#include "common/concurrency/worker_pool.h"
#include "common/rpc/access.h"
#include "common/rpc/server_core.h"

namespace arasta::rpc {
namespace {

constexpr uint32_t kDefaultDeadlineMs = 5000;
constexpr size_t kMaxRequestId = 64;
constexpr absl::Duration kOverloadRetry = absl::Milliseconds(200);

absl::Status Overloaded() {
  return WithRetryAfter(
      Error(absl::StatusCode::kResourceExhausted, "OVERLOADED", "too many calls are under way"),
      kOverloadRetry);
}

absl::Status Expired() {
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
               "the deadline passed before the call was served");
}

Call::MetadataMap ReadMetadata(const grpc::ServerContext& context) {
  Call::MetadataMap metadata;
  for (const auto& [key, value] : context.client_metadata()) {
    metadata.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return metadata;
}

// Removes and returns a header.
std::string Take(Call::MetadataMap& metadata, absl::string_view key) {
  auto node = metadata.extract(key);
  return node.empty() ? std::string() : std::move(node.mapped());
}

absl::optional<trace::Context> CallersTrace(const Call::MetadataMap& metadata) {
  const auto header = metadata.find("traceparent");
  return header == metadata.end() ? absl::nullopt : trace::Context::Parse(header->second);
}

// The caller's, where it is fit for a log line.
std::string RequestIdOf(const Call::MetadataMap& metadata) {
  const auto header = metadata.find("x-request-id");
  const bool usable = header != metadata.end() && !header->second.empty() &&
                      header->second.size() <= kMaxRequestId &&
                      std::all_of(header->second.begin(), header->second.end(), absl::ascii_isgraph);
  return usable ? header->second : Uuid::V4().ToString();
}

bool ConsumeBearer(absl::string_view* authorization) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (!absl::StartsWithIgnoreCase(*authorization, kScheme)) return false;
  authorization->remove_prefix(kScheme.size());
  return true;
}

// The same words as the verifier's: a forger learns nothing from the difference.
absl::Status InvalidToken() {
  return Error(absl::StatusCode::kUnauthenticated, auth::kInvalidToken, "the access token is not valid");
}

// Who the other process is: its certificate says it; in cleartext, which only tests and local runs
// use, the process itself does.
std::string PeerOf(ServerCall& call, const Call::MetadataMap& metadata) {
  const ServerOptions& options = call.core().options();
  if (options.tls.empty()) {
    const auto said = metadata.find(kCleartextPeerHeader);
    return said == metadata.end() ? options.cleartext_peer : said->second;
  }
  const auto context = call.context().auth_context();
  const auto ids = context->FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  if (ids.size() != 1) return {};
  return std::string(auth::ServiceOf(absl::string_view(ids.front().data(), ids.front().size())));
}

// Not ServerContext::deadline(), which counts nanoseconds: a client may ask for eleven thousand years.
absl::Time AskedDeadline(const grpc::ServerContext& context) {
  const gpr_timespec deadline = gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_REALTIME);
  if (deadline.tv_sec == gpr_inf_future(GPR_CLOCK_REALTIME).tv_sec) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(deadline.tv_sec) + absl::Nanoseconds(deadline.tv_nsec);
}

absl::Time DeadlineOf(ServerCall& call) {
  const absl::Time asked = AskedDeadline(call.context());
  uint32_t cap_ms = call.method().descriptor->options().GetExtension(options::v1::max_deadline_ms);
  if (cap_ms == 0 && call.method().streams()) return asked;
  if (cap_ms == 0) cap_ms = kDefaultDeadlineMs;
  return std::min(asked, absl::Now() + absl::Milliseconds(cap_ms));
}

// Nobody where there is no token. Blocks on nothing.
absl::StatusOr<auth::Principal> Authenticate(const Method& method, const ServerOptions& options,
                                             const std::string& authorization) {
  absl::string_view token = authorization;
  // A process proves itself by its certificate; no user's token has any weight there.
  if (method.access.who() == options::v1::Access::INTERNAL || authorization.empty()) return auth::Principal();
  if (options.verifier == nullptr || !ConsumeBearer(&token)) return InvalidToken();
  return options.verifier->Verify(token, options.clock->Now());
}

absl::optional<absl::Status> RunCatching(ServerCall& call,
                                         absl::optional<absl::Status> (ServerCall::*run)()) {
  try {
    return (call.*run)();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("uncaught: ", error.what()));
  }
}

void RunHandler(const std::shared_ptr<ServerCall>& call) {
  const absl::optional<absl::Status> answer = RunCatching(*call, &ServerCall::Run);
  if (answer.has_value()) call->Finish(*answer);
}

// Runs `then` on a worker, or answers why not. The pool calls every job that it accepts, so the call is
// answered either way.
template <typename Then>
void HandOver(const std::shared_ptr<ServerCall>& pending, Then then) {
  const absl::Status accepted =
      pending->method().workers->Submit(pending->call().deadline(), [pending, then](bool expired) {
        if (expired || pending->call().Cancelled()) return pending->Finish(Expired());
        then(pending);
      });
  if (!accepted.ok()) pending->Finish(accepted);
}

}  // namespace

void RunPipeline(const std::shared_ptr<ServerCall>& pending, Thread thread) {
  ServerCall& call = *pending;
  const Method& method = call.method();
  const ServerOptions& options = call.core().options();

  // Admit: what is under way is bounded.
  if (!call.Admit()) return call.Finish(Overloaded());

  // Trace, scope of log and metrics, deadline: from here on Finish knows what to write down.
  Call::MetadataMap metadata = ReadMetadata(call.context());
  const std::string authorization = Take(metadata, "authorization");
  Call::Options scope = {.peer = PeerOf(call, metadata),
                         .deadline = DeadlineOf(call),
                         .trace = call.BeginSpan(CallersTrace(metadata)),
                         .request_id = RequestIdOf(metadata),
                         .method = method.name,
                         .metadata = std::move(metadata),
                         .cancelled = call.cancelled()};
  call.Begin(Call(scope));

  // Authenticate. Keys that are not known yet are fetched by a worker, which then goes on from the top.
  absl::StatusOr<auth::Principal> principal = Authenticate(method, options, authorization);
  if (ReasonOf(principal.status()) == auth::kUnknownKey) {
    const bool may_fetch =
        thread == Thread::kQueue && options.refresh_keys != nullptr && method.workers != nullptr;
    if (!may_fetch) return call.Finish(InvalidToken());
    return HandOver(pending, [&options](const std::shared_ptr<ServerCall>& call) {
      if (const absl::Status fetched = options.refresh_keys(); !fetched.ok()) return call->Finish(fetched);
      RunPipeline(call, Thread::kWorker);
    });
  }
  if (!principal.ok()) return call.Finish(principal.status());

  // A stream ends when the token does.
  if (method.streams()) scope.deadline = std::min(scope.deadline, principal->expire_time);
  scope.principal = *std::move(principal);
  call.Begin(Call(std::move(scope)));

  // Authorise: what the contract does not allow is refused.
  if (const absl::Status allowed = Authorise(method, call.call()); !allowed.ok()) return call.Finish(allowed);

  // Validate: handlers see only messages that keep their contract.
  if (const absl::Status valid = call.ParseRequest(); !valid.ok()) return call.Finish(valid);

  // Handler: on this thread where it is fast, otherwise on a worker. Finish maps its status to the wire.
  if (const auto answer = RunCatching(call, &ServerCall::RunFast)) return call.Finish(*answer);
  if (thread == Thread::kWorker || method.workers == nullptr) return RunHandler(pending);
  HandOver(pending, &RunHandler);
}

}  // namespace arasta::rpc
