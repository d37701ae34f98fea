#include "common/rpc/jwks_source.h"

#include <google/protobuf/util/json_util.h>

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.grpc.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace arasta::rpc {
namespace {

constexpr absl::Duration kPauseAfterSuccess = absl::Seconds(30);
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);
constexpr absl::Duration kRoutine = absl::Minutes(5);
constexpr absl::Duration kPatience = absl::Seconds(2);

absl::Status NoKeys() {
  return Error(absl::StatusCode::kUnavailable, "TOKEN_KEYS_UNAVAILABLE",
               "access tokens can't be verified just now");
}

}  // namespace

JwksSource::JwksSource(Fetch fetch, auth::TokenVerifier& verifier, const Clock& clock)
    : fetch_(std::move(fetch)), verifier_(verifier), clock_(clock) {}

absl::Status JwksSource::Refresh() {
  MutexLock lock(fetch_mutex_);
  if (clock_.Now() < next_fetch_) return last_;
  return FetchNow();
}

absl::Status JwksSource::FetchNow() {
  absl::StatusOr<auth::KeySet> keys = fetch_();
  next_fetch_ = clock_.Now() + (keys.ok() ? kPauseAfterSuccess : kPauseAfterFailure);
  if (!keys.ok()) {
    log::Warning("token keys not fetched", {{"status", keys.status().ToString()}});
    // The old keys go on serving those that know them.
    return last_ = NoKeys();
  }
  verifier_.SetKeys(*std::move(keys));
  ready_ = true;
  return last_ = absl::OkStatus();
}

absl::Status JwksSource::Ready() const {
  return ready_ ? absl::OkStatus() : NoKeys();
}

void JwksSource::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void JwksSource::Run(const std::stop_token& stop) {
  Mutex mutex;
  CondVar wake;
  MutexLock lock(mutex);
  absl::Duration pause = absl::ZeroDuration();
  while (!wake.WaitFor(mutex, stop, pause, [&stop] { return stop.stop_requested(); })) {
    pause = Refresh().ok() ? kRoutine : kPauseAfterFailure;
  }
}

absl::StatusOr<auth::KeySet> FetchKeys(Channel& auth_channel) {
  auto stub = auth_channel.Stub<auth::v1::AuthService>();
  const Call call = Call::Background("jwks", absl::Now() + kPatience);
  ASSIGN_OR_RETURN(const auth::v1::Jwks jwks,
                   Invoke(call, stub, &auth::v1::AuthService::Stub::GetJwks, auth::v1::GetJwksRequest()));
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(jwks, &json).ok()) return absl::InternalError("no JSON");
  return auth::KeySet::FromJson(json);
}

}  // namespace arasta::rpc
