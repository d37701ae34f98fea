// arastactl demo: one shopping trip through the gateway, told step by step.

#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "arasta/auth/v1/auth_service.pb.h"
#include "arasta/catalog/v1/catalog_service.pb.h"
#include "arasta/notification/v1/notification_service.pb.h"
#include "arasta/order/v1/cart_service.pb.h"
#include "arasta/order/v1/order_service.pb.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "services/arastactl/commands.h"
#include "services/arastactl/mailbox.h"

namespace arasta::ctl {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kPollInterval = absl::Milliseconds(100);
constexpr int kQuantity = 2;
// More than "tea", which finds tea towels too.
constexpr char kWish[] = "black tea";

std::string Amount(const type::v1::Money& money) {
  return absl::StrFormat("%d.%02d %s", money.minor_units() / 100, money.minor_units() % 100,
                         money.currency_code());
}

// The customer and what she has done so far. Each step returns what to tell about it.
class Trip {
 public:
  Trip(ShopClient& shop, std::string mailbox) : shop_(shop), mailbox_(std::move(mailbox)) {}

  absl::StatusOr<std::string> Register() {
    auth::v1::RegisterRequest request;
    request.set_email(email_);
    request.set_password(password_);
    request.set_display_name("Ada Demo");
    request.set_locale("en");
    RETURN_IF_ERROR(
        shop_.Call<auth::v1::RegisterResponse>("arasta.auth.v1.AuthService/Register", request).status());
    return email_;
  }

  absl::StatusOr<std::string> LogIn() {
    auth::v1::LoginRequest request;
    request.set_email(email_);
    request.set_password(password_);
    ASSIGN_OR_RETURN(const auth::v1::LoginResponse response,
                     shop_.Call<auth::v1::LoginResponse>("arasta.auth.v1.AuthService/Login", request));
    shop_.set_access_token(response.tokens().access_token());
    return response.tokens().principal();
  }

  absl::StatusOr<std::string> Search() {
    catalog::v1::SearchProductsRequest request;
    request.set_query(kWish);
    request.set_available_only(true);
    ASSIGN_OR_RETURN(const auto page, shop_.Call<catalog::v1::SearchProductsResponse>(
                                          "arasta.catalog.v1.CatalogService/SearchProducts", request));
    for (const catalog::v1::Product& product : page.products()) {
      for (const catalog::v1::Variant& variant : product.variants()) {
        if (variant.available() < kQuantity || !variant.has_price()) continue;
        sku_ = variant.sku();
        return absl::StrCat("\"", kWish, "\": ", page.products_size(),
                            page.next_page_token().empty() ? "" : "+", " found, ", product.title(),
                            variant.title().empty() ? "" : ", ", variant.title(), " for ",
                            Amount(variant.price()));
      }
    }
    return absl::NotFoundError(absl::StrCat("nothing called \"", kWish, "\" can be bought"));
  }

  absl::StatusOr<std::string> FillCart() {
    order::v1::AddCartItemRequest request;
    request.set_name("carts/me");
    request.set_sku(sku_);
    request.set_quantity(kQuantity);
    request.set_request_id(Uuid::V4().ToString());
    ASSIGN_OR_RETURN(const order::v1::Cart cart,
                     shop_.Call<order::v1::Cart>("arasta.order.v1.CartService/AddCartItem", request));
    total_ = cart.total();
    return absl::StrCat(kQuantity, " × ", sku_, ", ", Amount(total_));
  }

  absl::StatusOr<std::string> PlaceOrder() {
    order::v1::PlaceOrderRequest request;
    request.set_request_id(Uuid::V4().ToString());
    request.set_payment_token("tok_approve");
    *request.mutable_expected_total() = total_;
    type::v1::Address& address = *request.mutable_shipping_address();
    address.set_recipient("Ada Demo");
    address.add_lines("Market Street 1");
    address.set_postal_code("10115");
    address.set_locality("Berlin");
    address.set_region_code("DE");
    ASSIGN_OR_RETURN(order_,
                     shop_.Call<order::v1::Order>("arasta.order.v1.OrderService/PlaceOrder", request));
    return absl::StrCat("by card, ", Amount(order_.totals().total()));
  }

  absl::StatusOr<std::string> SeeOrder() {
    order::v1::GetOrderRequest request;
    request.set_name(order_.name());
    RETURN_IF_ERROR(Eventually("the order is not placed", [&]() -> absl::StatusOr<bool> {
      ASSIGN_OR_RETURN(order_,
                       shop_.Call<order::v1::Order>("arasta.order.v1.OrderService/GetOrder", request));
      return order_.state() == order::v1::Order::STATE_PLACED ||
             order_.state() == order::v1::Order::STATE_COMPLETED;
    }));
    return absl::StrCat(order_.order_number(), ", ", order_.name());
  }

  absl::StatusOr<std::string> ReceiveMail() {
    std::string subject;
    RETURN_IF_ERROR(Eventually("no mail has come", [&]() -> absl::StatusOr<bool> {
      if (!mailbox_.empty()) {
        subject = FindMail(mailbox_, email_, order_.order_number()).value_or("");
        return !subject.empty();
      }
      ASSIGN_OR_RETURN(subject, FindNotification());
      return !subject.empty();
    }));
    return absl::StrCat("\"", subject, "\" to ", email_);
  }

 private:
  // Without a mailbox to look into, the customer's own list tells that the mail is on its way.
  absl::StatusOr<std::string> FindNotification() {
    ASSIGN_OR_RETURN(const auto page, shop_.Call<notification::v1::ListNotificationsResponse>(
                                          "arasta.notification.v1.NotificationService/ListNotifications",
                                          notification::v1::ListNotificationsRequest()));
    for (const auto& notification : page.notifications()) {
      if (notification.subject() == order_.name()) return notification.title();
    }
    return std::string();
  }

  static absl::Status Eventually(const std::string& otherwise,
                                 const std::function<absl::StatusOr<bool>()>& done) {
    for (const absl::Time deadline = absl::Now() + kPatience; absl::Now() < deadline;) {
      ASSIGN_OR_RETURN(const bool is_done, done());
      if (is_done) return absl::OkStatus();
      absl::SleepFor(kPollInterval);
    }
    return absl::DeadlineExceededError(absl::StrCat(otherwise, " within ", absl::FormatDuration(kPatience)));
  }

  ShopClient& shop_;
  const std::string mailbox_;
  // Somebody new every time, at a domain that is reserved for examples.
  const std::string email_ = absl::StrCat("ada.", absl::BytesToHexString(RandomBytes(4)), "@example.com");
  const std::string password_ = absl::BytesToHexString(RandomBytes(12));
  std::string sku_;
  type::v1::Money total_;
  order::v1::Order order_;
};

struct Step {
  const char* name;
  absl::StatusOr<std::string> (Trip::*take)();
};

constexpr Step kSteps[] = {
    {"Registered", &Trip::Register},        {"Logged in", &Trip::LogIn}, {"Searched", &Trip::Search},
    {"Filled the cart", &Trip::FillCart},   {"Paid", &Trip::PlaceOrder}, {"Order placed", &Trip::SeeOrder},
    {"Mail delivered", &Trip::ReceiveMail},
};

}  // namespace

int Demo(const Arguments& arguments, ShopClient& shop) {
  Trip trip(shop, arguments.mailbox);
  for (const Step& step : kSteps) {
    const absl::Time start = absl::Now();
    const absl::StatusOr<std::string> told = (trip.*step.take)();
    const double millis = absl::ToDoubleMilliseconds(absl::Now() - start);
    const std::string text = told.ok() ? *told : Describe(told.status());
    if (arguments.json) {
      std::cout
          << nlohmann::json{{"step", step.name}, {"ok", told.ok()}, {"millis", millis}, {"text", text}}.dump()
          << std::endl;
    } else {
      std::cout << absl::StrFormat("  %-16s %6.0f ms  %s%s", step.name, millis,
                                   told.ok() ? "" : "FAILED: ", text)
                << std::endl;
    }
    if (!told.ok()) return kCallFailed;
  }
  return kDone;
}

}  // namespace arasta::ctl
