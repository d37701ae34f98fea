// Contacts from auth and order.
#pragma once

#include <string>

#include "arasta/auth/v1/auth_internal_service.grpc.pb.h"
#include "arasta/order/v1/order_internal_service.grpc.pb.h"
#include "common/rpc/channel.h"
#include "services/notification/contacts.h"

namespace arasta::notification {

class ContactClient : public Contacts {
 public:
  // The channels outlive it.
  ContactClient(rpc::Channel& auth, rpc::Channel& order) : auth_(auth), order_(order) {}

  absl::StatusOr<Contact> Find(const Call& call, const std::string& recipient,
                               const std::string& subject) override;

 private:
  absl::StatusOr<Contact> FindUser(const Call& call, const std::string& name);
  absl::StatusOr<Contact> FindCustomer(const Call& call, const std::string& order);

  rpc::Stub<arasta::auth::v1::AuthInternalService> auth_;
  rpc::Stub<arasta::order::v1::OrderInternalService> order_;
};

}  // namespace arasta::notification
