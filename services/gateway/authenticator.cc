#include "services/gateway/authenticator.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/request_head.h"

namespace arasta::gateway {
namespace {

using options::v1::Access;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kRefreshNs = 300 * kSecondNs;
constexpr int64_t kLeastPauseNs = 30 * kSecondNs;
// Until there are keys at all, there is nothing to protect auth from.
constexpr int64_t kFirstKeysPauseNs = kSecondNs / 5;
constexpr int64_t kFetchTimeoutNs = 2 * kSecondNs;
constexpr size_t kMaxAnswerBytes = 64 * 1024;

absl::Status CheckAccess(const Method& method, const auth::Principal& principal) {
  switch (method.who) {
    case Access::PUBLIC:
      return absl::OkStatus();
    case Access::GUEST:
      if (principal.kind != auth::Principal::Kind::kNobody) return absl::OkStatus();
      break;
    case Access::USER:
      if (principal.kind == auth::Principal::Kind::kUser) return absl::OkStatus();
      break;
    case Access::STAFF:
      if (principal.kind == auth::Principal::Kind::kUser && principal.Has(method.permission)) {
        return absl::OkStatus();
      }
      break;
    default:
      break;
  }
  if (principal.kind == auth::Principal::Kind::kNobody) {
    return Error(absl::StatusCode::kUnauthenticated, "TOKEN_REQUIRED", "a token is needed");
  }
  return Error(absl::StatusCode::kPermissionDenied, "ACCESS_DENIED", "not allowed for this principal");
}

}  // namespace

// GetJwks as a call of our own.
class Authenticator::Fetch final : public BackCall {
 public:
  explicit Fetch(Authenticator& owner)
      : owner_(owner), timeout_([this] { Finish(absl::DeadlineExceededError("")); }) {}

  void Begin(Backend& backend) {
    HeaderBlock head = OwnCallHead("/arasta.auth.v1.AuthService/GetJwks", backend.name());
    head.Add("grpc-timeout", "2S");
    AppendFrame(0, "", request_);
    request_complete_ = true;
    owner_.loop_.StartTimer(timeout_, kFetchTimeoutNs);
    backend.Start(*this, std::move(head));
  }

  void OnTaken(size_t) override {}
  void OnHead(HeaderBlock&) override {}
  void OnData(absl::string_view bytes) override {
    CreditResponse(bytes.size());
    if (answer_.size() + bytes.size() <= kMaxAnswerBytes) answer_.append(bytes.data(), bytes.size());
  }
  void OnTrailers(HeaderBlock& trailers) override {
    if (const absl::StatusCode code = StatusCodeOf(trailers); code != absl::StatusCode::kOk) {
      return Finish(absl::Status(code, "GetJwks failed"));
    }
    Finish(Parse());
  }
  void OnBroken(const absl::Status& status, Again) override { Finish(status); }

 private:
  absl::StatusOr<std::string> Parse() const {
    auth::v1::Jwks jwks;
    std::string json;
    if (answer_.size() < kFrameHeadSize || !jwks.ParseFromString(answer_.substr(kFrameHeadSize)) ||
        !google::protobuf::util::MessageToJsonString(jwks, &json).ok()) {
      return absl::InternalError("GetJwks answered something else");
    }
    return json;
  }

  void Finish(absl::StatusOr<std::string> jwks) {
    Cancel();
    timeout_.Cancel();
    owner_.FinishFetch(std::move(jwks));
  }

  Authenticator& owner_;
  Timer timeout_;
  std::string answer_;
};

Authenticator::Waiter::~Waiter() {
  if (waiting_in_ == nullptr) return;
  auto& waiters = waiting_in_->waiters_;
  waiters.erase(std::find(waiters.begin(), waiters.end(), this));
}

Authenticator::Authenticator(Loop& loop, std::string issuer, Backend* auth)
    : loop_(loop), auth_(auth), verifier_(std::move(issuer)), refresh_([this] { StartFetch(); }) {
  if (auth_ != nullptr) loop_.StartTimer(refresh_, 0);
}

Authenticator::~Authenticator() {
  for (Waiter* waiter : waiters_) waiter->waiting_in_ = nullptr;
}

absl::StatusOr<auth::Principal> Authenticator::Check(const Method& method, absl::string_view authorization) {
  auth::Principal principal;
  // A webhook, which proves itself in a way that only its service knows.
  if (method.who == Access::INTERNAL) return principal;
  if (!authorization.empty()) {
    ASSIGN_OR_RETURN(principal, Verify(authorization));
  }
  RETURN_IF_ERROR(CheckAccess(method, principal));
  return principal;
}

absl::StatusOr<auth::Principal> Authenticator::Verify(absl::string_view authorization) const {
  if (!absl::StartsWithIgnoreCase(authorization, "bearer ")) {
    return Error(absl::StatusCode::kUnauthenticated, auth::kInvalidToken,
                 "authorization is not a bearer token");
  }
  return verifier_.Verify(authorization.substr(7), absl::Now());
}

bool Authenticator::Wait(Waiter& waiter) {
  if (auth_ == nullptr) return false;
  if (!fetching_) {
    if (has_keys_ && loop_.now_ns() - last_fetch_ns_ < kLeastPauseNs) return false;
    if (has_keys_ || !refresh_.pending()) StartFetch();
  }
  waiter.waiting_in_ = this;
  waiters_.push_back(&waiter);
  return true;
}

void Authenticator::StartFetch() {
  if (fetching_) return;
  fetching_ = true;
  last_fetch_ns_ = loop_.now_ns();
  fetch_ = std::make_unique<Fetch>(*this);
  fetch_->Begin(*auth_);
}

void Authenticator::FinishFetch(absl::StatusOr<std::string> jwks) {
  fetching_ = false;
  absl::Status status = jwks.status();
  if (jwks.ok()) {
    absl::StatusOr<auth::KeySet> keys = auth::KeySet::FromJson(*jwks);
    status = keys.status();
    if (keys.ok()) {
      verifier_.SetKeys(*std::move(keys));
      has_keys_ = true;
    }
  }
  if (!status.ok() && has_keys_) log::Warning("token keys not renewed", {{"error", status.message()}});
  const int64_t retry_ns = has_keys_ ? kLeastPauseNs : kFirstKeysPauseNs;
  loop_.StartTimer(refresh_, status.ok() ? kRefreshNs : retry_ns);
  std::vector<Waiter*> waiters;
  waiters.swap(waiters_);
  for (Waiter* waiter : waiters) waiter->waiting_in_ = nullptr;
  // A waiter that is told may end others' exchanges only through the loop, never from within OnKeys.
  for (Waiter* waiter : waiters) waiter->OnKeys();
}

}  // namespace arasta::gateway
