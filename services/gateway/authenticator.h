// Decides from a method's declared access and the caller's token whether a call goes on. Keys are fetched
// from auth's GetJwks through our own back codec, at start, every few minutes, and when a token names a
// key that is not known; never more often than every 30 seconds. One per worker.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/token_verifier.h"
#include "services/gateway/backend.h"
#include "services/gateway/loop.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {

class Authenticator {
 public:
  // Waits for keys; forgets itself when destroyed.
  class Waiter {
   public:
    Waiter() = default;
    virtual ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // The keys are as new as can be: check again.
    virtual void OnKeys() = 0;

   private:
    friend class Authenticator;
    Authenticator* waiting_in_ = nullptr;
  };

  // `auth` is null where there is no auth service: tokens are then refused.
  Authenticator(Loop& loop, std::string issuer, Backend* auth);
  ~Authenticator();

  // Who calls, UNAUTHENTICATED or PERMISSION_DENIED; UNAVAILABLE while keys were never had. With reason
  // UNKNOWN_KEY, Wait may help.
  absl::StatusOr<auth::Principal> Check(const Method& method, absl::string_view authorization);
  // False where new keys can't be expected; otherwise `waiter` will be told.
  bool Wait(Waiter& waiter);

  bool ready() const { return auth_ == nullptr || has_keys_; }

 private:
  class Fetch;

  absl::StatusOr<auth::Principal> Verify(absl::string_view authorization) const;
  void StartFetch();
  void FinishFetch(absl::StatusOr<std::string> jwks);

  Loop& loop_;
  Backend* const auth_;
  auth::TokenVerifier verifier_;
  std::unique_ptr<Fetch> fetch_;
  Timer refresh_;
  int64_t last_fetch_ns_ = 0;
  bool fetching_ = false;
  bool has_keys_ = false;
  std::vector<Waiter*> waiters_;
};

}  // namespace arasta::gateway
