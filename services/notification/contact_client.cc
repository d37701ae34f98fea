#include "services/notification/contact_client.h"

#include "absl/strings/match.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::notification {
namespace {

namespace auth_v1 = arasta::auth::v1;
namespace order_v1 = arasta::order::v1;

}  // namespace

absl::StatusOr<Contact> ContactClient::Find(const Call& call, const std::string& recipient,
                                            const std::string& subject) {
  if (absl::StartsWith(recipient, "users/")) return FindUser(call, recipient);
  if (absl::StartsWith(subject, "orders/")) return FindCustomer(call, subject);
  return NotFound(recipient);
}

absl::StatusOr<Contact> ContactClient::FindUser(const Call& call, const std::string& name) {
  auth_v1::GetContactRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(auth_v1::Contact contact,
                   rpc::Invoke(call, auth_, &auth_v1::AuthInternalService::Stub::GetContact, request));
  return Contact{contact.email(), contact.display_name(), contact.locale()};
}

// An order that was a guest's may have become a user's by a later login; auth knows that address.
absl::StatusOr<Contact> ContactClient::FindCustomer(const Call& call, const std::string& order) {
  order_v1::GetOrderContactRequest request;
  request.set_name(order);
  ASSIGN_OR_RETURN(
      order_v1::OrderContact contact,
      rpc::Invoke(call, order_, &order_v1::OrderInternalService::Stub::GetOrderContact, request));
  if (!contact.email().empty()) return Contact{contact.email(), contact.recipient(), contact.locale()};
  if (absl::StartsWith(contact.customer(), "users/")) return FindUser(call, contact.customer());
  return NotFound(order);
}

}  // namespace arasta::notification
