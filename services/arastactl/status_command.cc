// arastactl status: one cheap call to every service, as a customer makes it.

#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "arasta/catalog/v1/catalog_service.pb.h"
#include "arasta/notification/v1/notification_service.pb.h"
#include "arasta/order/v1/cart_service.pb.h"
#include "common/base/errors.h"
#include "services/arastactl/commands.h"
#include "services/arastactl/terminal.h"

namespace arasta::ctl {
namespace {

struct Answer {
  std::string service;
  absl::Status status;
  absl::Duration latency;
};

template <typename Response>
Answer Ask(ShopClient& shop, const std::string& service, const std::string& method,
           const google::protobuf::Message& request, Response* response) {
  const absl::Time start = absl::Now();
  absl::StatusOr<Response> answer = shop.Call<Response>(method, request);
  if (answer.ok()) *response = *std::move(answer);
  return {service, answer.status(), absl::Now() - start};
}

std::vector<Answer> AskEveryone(ShopClient& shop) {
  std::vector<Answer> answers;
  auth::v1::CreateGuestResponse guest;
  answers.push_back(
      Ask(shop, "auth", "arasta.auth.v1.AuthService/CreateGuest", auth::v1::CreateGuestRequest(), &guest));
  shop.set_access_token(guest.tokens().access_token());
  catalog::v1::ListCategoriesRequest categories;
  categories.set_page_size(1);
  catalog::v1::ListCategoriesResponse category_page;
  answers.push_back(
      Ask(shop, "catalog", "arasta.catalog.v1.CatalogService/ListCategories", categories, &category_page));
  order::v1::GetCartRequest cart_request;
  cart_request.set_name("carts/me");
  order::v1::Cart cart;
  answers.push_back(Ask(shop, "order", "arasta.order.v1.CartService/GetCart", cart_request, &cart));
  notification::v1::ListNotificationsResponse notifications;
  answers.push_back(Ask(shop, "notification", "arasta.notification.v1.NotificationService/ListNotifications",
                        notification::v1::ListNotificationsRequest(), &notifications));
  return answers;
}

}  // namespace

int Status(const Arguments& arguments, ShopClient& shop) {
  const std::vector<Answer> answers = AskEveryone(shop);
  if (ReasonOf(answers.front().status) == kUnreachable && !arguments.json) {
    std::cerr << "arastactl: " << Describe(answers.front().status) << "\n";
    return kDoneInPart;
  }
  bool all_answer = true;
  std::vector<std::vector<std::string>> rows;
  nlohmann::json json = nlohmann::json::array();
  for (const Answer& answer : answers) {
    all_answer = all_answer && answer.status.ok();
    const double millis = absl::ToDoubleMilliseconds(answer.latency);
    const std::string state = answer.status.ok() ? "answers" : Describe(answer.status);
    rows.push_back({answer.service, absl::StrFormat("%.1f ms", millis), state});
    json.push_back(
        {{"service", answer.service}, {"ok", answer.status.ok()}, {"millis", millis}, {"state", state}});
  }
  if (arguments.json) {
    std::cout << json.dump() << "\n";
  } else {
    PrintTable(std::cout, {"SERVICE", "LATENCY", "STATE"}, rows);
  }
  return all_answer ? kDone : kDoneInPart;
}

}  // namespace arasta::ctl
