// An account, as the stores and use cases know it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/base/uuid.h"

namespace arasta::auth {

struct User {
  Uuid id;
  std::string email;
  std::string display_name;
  std::string locale;
  std::vector<std::string> permissions;
  bool disabled = false;
  int64_t version = 0;
  absl::Time create_time;
  absl::Time update_time;
};

// "users/{uuid}".
std::string UserName(const Uuid& id);
absl::optional<Uuid> UserIdFromName(absl::string_view name);

// "guests/{uuid}" and "sessions/{uuid}".
std::string GuestName(const Uuid& id);
std::string SessionName(const Uuid& id);
absl::optional<Uuid> SessionIdFromName(absl::string_view name);

}  // namespace arasta::auth
