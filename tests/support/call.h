// The calls tests make: who calls, with five seconds to spend.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/auth/principal.h"
#include "common/call/call.h"

namespace arasta::testing {

inline auth::Principal PrincipalOf(auth::Principal::Kind kind, std::string name) {
  auth::Principal principal;
  principal.kind = kind;
  principal.name = std::move(name);
  principal.session = "test-session";
  principal.authenticated_time = absl::Now();
  principal.expire_time = absl::Now() + absl::Minutes(15);
  return principal;
}

// `id` is a UUID; the name becomes "users/{id}".
inline Call UserCall(absl::string_view id) {
  return Call::ForTest(PrincipalOf(auth::Principal::Kind::kUser, absl::StrCat("users/", id)));
}

inline Call GuestCall(absl::string_view id) {
  return Call::ForTest(PrincipalOf(auth::Principal::Kind::kGuest, absl::StrCat("guests/", id)));
}

inline Call StaffCall(std::vector<std::string> permissions) {
  auth::Principal principal =
      PrincipalOf(auth::Principal::Kind::kUser, "users/00000000-0000-4000-8000-00000000571f");
  principal.permissions = std::move(permissions);
  return Call::ForTest(std::move(principal));
}

inline Call NobodyCall() {
  return Call::ForTest(auth::Principal{});
}

// Another of our processes, such as "order".
inline Call PeerCall(absl::string_view service) {
  return Call::ForTest(auth::Principal{}, std::string(service));
}

}  // namespace arasta::testing
