#include "services/auth/user.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace arasta::auth {
namespace {

absl::optional<Uuid> IdFromName(absl::string_view collection, absl::string_view name) {
  if (!absl::ConsumePrefix(&name, collection)) return absl::nullopt;
  return Uuid::Parse(name);
}

}  // namespace

std::string UserName(const Uuid& id) {
  return absl::StrCat("users/", id.ToString());
}
std::string GuestName(const Uuid& id) {
  return absl::StrCat("guests/", id.ToString());
}
std::string SessionName(const Uuid& id) {
  return absl::StrCat("sessions/", id.ToString());
}

absl::optional<Uuid> UserIdFromName(absl::string_view name) {
  return IdFromName("users/", name);
}
absl::optional<Uuid> SessionIdFromName(absl::string_view name) {
  return IdFromName("sessions/", name);
}

}  // namespace arasta::auth
