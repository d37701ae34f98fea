// Catalog's stores and services over a database of the test's own.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog_migrations.h"
#include "common/events/outbox.h"
#include "common/jobs/lease.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/catalog/catalog_admin_service.h"
#include "services/catalog/catalog_service.h"
#include "services/catalog/inventory_service.h"
#include "tests/support/call.h"
#include "tests/support/postgres.h"

namespace arasta::catalog {

inline std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::OutboxMigration());
  migrations.push_back(jobs::LeaseMigration());
  return migrations;
}

// A stream of one message after another.
template <typename Request>
class FakeReader : public rpc::Reader<Request> {
 public:
  explicit FakeReader(std::vector<Request> requests) : requests_(std::move(requests)) {}
  bool Read(Request* request) override {
    if (next_ == requests_.size()) return false;
    *request = requests_[next_++];
    return true;
  }

 private:
  std::vector<Request> requests_;
  size_t next_ = 0;
};

class CatalogFixture : public ::testing::Test {
 protected:
  template <typename Message>
  static Message Parse(const std::string& text) {
    Message message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
    return message;
  }

  // A product of one variant for 5.00 EUR.
  absl::StatusOr<v1::Product> Create(const std::string& title, const std::string& sku,
                                     const std::string& more = "") {
    return admin_.CreateProduct(
        staff_, Parse<v1::CreateProductRequest>(absl::StrCat(
                    "product { title: '", title, "' variants { sku: '", sku,
                    "' prices { amount { currency_code: 'EUR' minor_units: 500 } } } ", more, "}")));
  }

  absl::StatusOr<v1::Product> Get(const std::string& name) {
    v1::GetProductRequest request;
    request.set_name(name);
    return catalog_.GetProduct(nobody_, request);
  }

  // Rows in messages of `size`.
  absl::StatusOr<v1::ImportProductsResponse> Import(const std::vector<v1::ImportRow>& rows, size_t size = 400,
                                                    bool dry_run = false) {
    std::vector<v1::ImportProductsRequest> requests;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i % size == 0) requests.emplace_back();
      *requests.back().add_rows() = rows[i];
    }
    if (!requests.empty()) requests.front().mutable_config()->set_dry_run(dry_run);
    FakeReader<v1::ImportProductsRequest> reader(std::move(requests));
    return admin_.ImportProducts(staff_, reader);
  }

  static v1::ImportRow Row(const std::string& title, const std::string& sku, int64_t on_hand = 10) {
    v1::ImportRow row;
    row.set_title(title);
    v1::ImportVariant& variant = *row.add_variants();
    variant.set_sku(sku);
    variant.set_on_hand(on_hand);
    v1::ImportPrice& price = *variant.add_prices();
    price.set_currency_code("EUR");
    price.set_minor_units(490);
    return row;
  }

  std::vector<std::string> Titles(const std::string& search_request) {
    auto response = catalog_.SearchProducts(nobody_, Parse<v1::SearchProductsRequest>(search_request));
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> titles;
    if (!response.ok()) return titles;
    for (const v1::Product& product : response->products()) titles.push_back(product.title());
    return titles;
  }

  int64_t Count(const std::string& table) {
    return database_.Value<int64_t>(absl::StrCat("SELECT count(*) FROM ", table));
  }

  const Call nobody_ = testing::NobodyCall();
  const Call staff_ = testing::StaffCall({"catalog.write", "catalog.read"});
  testing::TestDatabase database_{AllMigrations()};
  ProductStore products_{database_.pool()};
  CategoryStore categories_{database_.pool()};
  SearchStore search_{database_.pool()};
  StockStore stock_{database_.pool()};
  ReservationStore reservations_{database_.pool()};
  ImportStore imports_{database_.pool()};
  const rpc::PageTokens page_tokens_{"test"};
  CatalogService catalog_{products_, categories_, search_, page_tokens_};
  const shop::Channels channels_{{"web", "EUR"}, {"us", "USD"}};
  std::atomic<int> wakes_{0};  // of the relay
  CatalogAdminService admin_{
      {products_, categories_, stock_, imports_, page_tokens_, channels_, [this] { ++wakes_; }}};
  ReservationCombiner combiner_{reservations_, 4};
  InventoryService inventory_{products_, reservations_, combiner_};
};

}  // namespace arasta::catalog
