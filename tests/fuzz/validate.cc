// Every request there is, filled at random: a verdict, and no more said than which field.
#include "common/rpc/validate.h"

#include <memory>
#include <vector>

#include "arasta/auth/v1/auth_service.pb.h"
#include "arasta/catalog/v1/catalog_admin_service.pb.h"
#include "arasta/catalog/v1/catalog_service.pb.h"
#include "arasta/catalog/v1/inventory_service.pb.h"
#include "arasta/notification/v1/notification_admin_service.pb.h"
#include "arasta/notification/v1/notification_service.pb.h"
#include "arasta/order/v1/cart_service.pb.h"
#include "arasta/order/v1/order_admin_service.pb.h"
#include "arasta/order/v1/order_service.pb.h"
#include "common/rpc/page_token.h"
#include "google/protobuf/dynamic_message.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

using google::protobuf::Message;

void AddRequests(const google::protobuf::FileDescriptor& file, std::vector<const Message*>& requests) {
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      requests.push_back(google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          file.service(s)->method(m)->input_type()));
    }
  }
}

const std::vector<const Message*>& Requests() {
  static const auto* const all = [] {
    auto* requests = new std::vector<const Message*>();
    AddRequests(*auth::v1::LoginRequest::descriptor()->file(), *requests);
    AddRequests(*catalog::v1::GetProductRequest::descriptor()->file(), *requests);
    AddRequests(*catalog::v1::CreateProductRequest::descriptor()->file(), *requests);
    AddRequests(*catalog::v1::ReserveStockRequest::descriptor()->file(), *requests);
    AddRequests(*order::v1::PlaceOrderRequest::descriptor()->file(), *requests);
    AddRequests(*order::v1::AddCartItemRequest::descriptor()->file(), *requests);
    AddRequests(*order::v1::ListStuckOrdersRequest::descriptor()->file(), *requests);
    AddRequests(*notification::v1::ListNotificationsRequest::descriptor()->file(), *requests);
    AddRequests(*notification::v1::ListDeliveriesRequest::descriptor()->file(), *requests);
    return requests;
  }();
  return *all;
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  const auto& requests = fuzz::Requests();
  const std::unique_ptr<google::protobuf::Message> request(requests[input.Byte() % requests.size()]->New());
  // What does not parse to its end is filled as far as it did.
  (void)request->ParsePartialFromArray(input.rest().data(), static_cast<int>(input.rest().size()));
  const absl::Status status = rpc::Validate(*request);
  fuzz::Require(status.ok() || absl::IsInvalidArgument(status), "a verdict on the argument");
  fuzz::Require(status == rpc::Validate(*request), "and always the same");
  (void)rpc::FingerprintOf(*request);
  return 0;
}
