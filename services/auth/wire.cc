#include "services/auth/wire.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace arasta::auth {

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const absl::Duration since_epoch = time - absl::UnixEpoch();
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(since_epoch - absl::Seconds(seconds))));
  return timestamp;
}

v1::User ToProto(const User& user) {
  v1::User message;
  message.set_name(UserName(user.id));
  message.set_email(user.email);
  message.set_display_name(user.display_name);
  message.set_locale(user.locale);
  message.set_state(user.disabled ? v1::User::STATE_DISABLED : v1::User::STATE_ACTIVE);
  for (const std::string& permission : user.permissions) message.add_permissions(permission);
  *message.mutable_create_time() = ToProto(user.create_time);
  *message.mutable_update_time() = ToProto(user.update_time);
  message.set_etag(absl::StrCat(user.version));
  return message;
}

v1::Jwks ToProto(const KeySet& keys) {
  v1::Jwks message;
  for (const auto& [kid, key] : keys.keys()) {
    v1::Jwk& jwk = *message.add_keys();
    jwk.set_kty("EC");
    jwk.set_crv("P-256");
    jwk.set_x(absl::WebSafeBase64Escape(key.x()));
    jwk.set_y(absl::WebSafeBase64Escape(key.y()));
    jwk.set_kid(kid);
    jwk.set_alg("ES256");
    jwk.set_use("sig");
  }
  return message;
}

v1::Session ToProto(const ListedSession& session, const std::string& current) {
  v1::Session message;
  message.set_name(SessionName(session.id));
  *message.mutable_create_time() = ToProto(session.create_time);
  *message.mutable_last_refresh_time() = ToProto(session.refresh_time);
  *message.mutable_expire_time() = ToProto(session.expire_time);
  message.set_current(message.name() == current);
  return message;
}

v1::Contact ToContact(const User& user) {
  v1::Contact message;
  message.set_name(UserName(user.id));
  message.set_email(user.email);
  message.set_display_name(user.display_name);
  message.set_locale(user.locale);
  return message;
}

}  // namespace arasta::auth
