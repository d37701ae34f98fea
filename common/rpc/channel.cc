#include "common/rpc/channel.h"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/log/log.h"
#include "common/rpc/access.h"
#include "common/rpc/call_span.h"
#include "common/rpc/credentials.h"
#include "common/rpc/status.h"

namespace arasta::rpc {
namespace {

constexpr int kMaxAttempts = 3;
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(25);
constexpr absl::Duration kLeastReserve = absl::Milliseconds(20);
constexpr double kReservedShare = 0.05;

grpc::ChannelArguments Arguments(const std::string& addresses) {
  grpc::ChannelArguments arguments;
  // Calls go round the replicas that are connected and say that they serve: one that is asked to end is left
  // before it takes no more calls, one that dies with its connection, and both are found again within the
  // longest backoff: long before another one that drains for a second is gone.
  arguments.SetServiceConfigJSON(
      R"json({"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}})json");
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1000);
  // A list is no authority: its first address stands for it.
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, addresses.substr(0, addresses.find(',')));
  // More often than servers let strangers: ours permit it (kLeastPingIntervalMs).
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  // One retrying layer an edge, InvokeAttempts: no policy is given here. What gRPC then sends again is what
  // no server has seen, as when a connection's end is announced to it in the moment that a call was given to
  // it.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 1);
  // Peers are reached directly, whatever http_proxy says, and DNS has no say in how.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  return arguments;
}

// What this hop may take: the caller keeps a reserve to answer with.
absl::Duration ShareOf(absl::Duration rest, absl::Duration max) {
  if (rest == absl::InfiniteDuration()) return max;
  return std::min(rest - std::max(kLeastReserve, rest * kReservedShare), max);
}

void Prepare(const Call& call, const trace::Context& trace, const Channel& channel, absl::Time deadline,
             grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(deadline));
  context.AddMetadata("traceparent", trace.ToTraceparent());
  if (!call.request_id().empty()) context.AddMetadata("x-request-id", call.request_id());
  if (channel.cleartext()) context.AddMetadata(kCleartextPeerHeader, channel.self());
}

bool MayRepeat(const google::protobuf::MethodDescriptor* method) {
  return method != nullptr &&
         method->options().idempotency_level() != google::protobuf::MethodOptions::IDEMPOTENCY_UNKNOWN;
}

// Full jitter; longer where the peer asks for it.
absl::Duration Backoff(int attempt, const absl::Status& status) {
  absl::BitGen random;
  const absl::Duration most = kFirstBackoff * (1 << attempt);
  return std::max(RetryAfterOf(status), most * absl::Uniform(random, 0.0, 1.0));
}

// FromPeer keeps them from the caller.
void LogWordsOfGrpc(const Call& call, const Channel& channel, const grpc::Status& answer) {
  log::Warning("peer not reached", {{"peer", channel.peer()},
                                    {"grpc_code", static_cast<int>(answer.error_code())},
                                    {"detail", answer.error_message()},
                                    {"request_id", call.request_id()},
                                    {"trace_id", call.trace().trace_id()}});
}

// AF_INET or AF_INET6 where a number and a port stand for the address, otherwise 0.
int FamilyOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65535)
    return 0;
  const std::string host = address.substr(0, colon);
  in6_addr parsed;
  if (inet_pton(AF_INET, host.c_str(), &parsed) == 1) return AF_INET;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed && inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &parsed) == 1)
    return AF_INET6;
  return 0;
}

}  // namespace

absl::StatusOr<std::string> TargetOf(const std::string& addresses) {
  std::vector<std::string> list = absl::StrSplit(addresses, ',', absl::SkipWhitespace());
  for (std::string& address : list) absl::StripAsciiWhitespace(&address);
  if (list.empty()) return absl::InvalidArgumentError("must not be empty");
  if (list.size() == 1) return list.front();
  const int family = FamilyOf(list.front());
  const bool alike =
      std::all_of(list.begin(), list.end(), [&](const auto& address) { return FamilyOf(address) == family; });
  if (family == 0 || !alike) {
    return absl::InvalidArgumentError("several addresses must be IPv4 or IPv6 throughout, names stand alone");
  }
  return absl::StrCat(family == AF_INET ? "ipv4:" : "ipv6:", absl::StrJoin(list, ","));
}

// A target that gRPC can't use makes every call UNAVAILABLE, as it should be.
Channel::Channel(ChannelOptions options)
    : options_(std::move(options)),
      channel_(grpc::CreateCustomChannel(TargetOf(options_.address).value_or(""),
                                         MakeChannelCredentials(options_.tls, options_.peer),
                                         Arguments(options_.address))) {}

const google::protobuf::MethodDescriptor* FindMethod(absl::string_view service,
                                                     const google::protobuf::Descriptor* request,
                                                     const google::protobuf::Descriptor* response) {
  const auto* descriptor = request->file()->pool()->FindServiceByName(std::string(service));
  const google::protobuf::MethodDescriptor* found = nullptr;
  for (int i = 0; descriptor != nullptr && i < descriptor->method_count(); ++i) {
    const auto* method = descriptor->method(i);
    if (method->input_type() != request || method->output_type() != response) continue;
    if (found != nullptr) return nullptr;
    found = method;
  }
  return found;
}

absl::Status InvokeAttempts(const Call& call, Channel& channel,
                            const google::protobuf::MethodDescriptor* method, const InvokeOptions& options,
                            Attempt attempt) {
  const absl::Duration share = ShareOf(call.Remaining(), options.max);
  if (share <= absl::ZeroDuration() || call.Cancelled()) {
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "no time is left to ask a peer");
  }
  const absl::Time deadline = absl::Now() + share;
  channel.budget().Earn();
  for (int n = 1;; ++n) {
    grpc::ClientContext context;
    trace::Span span = ClientSpan(call, method, channel.peer());
    Prepare(call, span.context(), channel, deadline, context);
    const grpc::Status answer = attempt(&context);
    const absl::Status status = FromPeer(answer, channel.peer());
    EndClientSpan(span, status);
    if (!answer.ok() && answer.error_details().empty()) LogWordsOfGrpc(call, channel, answer);
    if (!absl::IsUnavailable(status) || n == kMaxAttempts || !MayRepeat(method)) return status;
    const absl::Duration pause = Backoff(n, status);
    if (absl::Now() + pause >= deadline || !channel.budget().Spend()) return status;
    absl::SleepFor(pause);
  }
}

}  // namespace arasta::rpc
