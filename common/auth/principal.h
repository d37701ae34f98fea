// Who calls, as a verified token says it. Carts and orders belong to principals.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace arasta::auth {

struct Principal {
  enum class Kind { kNobody, kGuest, kUser };

  Kind kind = Kind::kNobody;
  std::string name = {};     // "users/{uuid}" or "guests/{uuid}"; empty for nobody.
  std::string guest = {};    // The guest this user was before logging in, "guests/{uuid}"; may be empty.
  std::string session = {};  // The session the token was issued in; may be empty.
  std::vector<std::string> permissions = {};
  absl::Time authenticated_time = absl::InfinitePast();  // When a credential was last shown.
  absl::Time expire_time = absl::InfiniteFuture();       // When the token ends, and streams with it.

  bool Has(absl::string_view permission) const {
    return std::find(permissions.begin(), permissions.end(), permission) != permissions.end();
  }

  // Every name whose property is this principal's: its own and the guest's it has been.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    if (!name.empty()) names.push_back(name);
    if (!guest.empty() && guest != name) names.push_back(guest);
    return names;
  }

  friend bool operator==(const Principal&, const Principal&) = default;
};

}  // namespace arasta::auth
