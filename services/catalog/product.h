// Products as the shop thinks of them, and the rules they must obey. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/base/uuid.h"
#include "common/shop/channels.h"

namespace arasta::catalog {

struct Money {
  std::string currency_code;
  int64_t minor_units = 0;
  bool operator==(const Money&) const = default;
};

// Valid from `start_time` to just before `end_time`. What came as no time is a start in the infinite future
// or an end in the infinite past, which FindViolation refuses.
struct Price {
  std::string channel = shop::kDefaultChannel;
  Money amount;
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();
};

struct Option {
  std::string option;
  std::vector<std::string> values;
};

struct OptionValue {
  std::string option;
  std::string value;
};

struct Attribute {
  std::string key;
  std::string value;
};

struct Media {
  std::string uri;
  std::string alt_text;
  std::string content_type;
  int32_t width_px = 0;
  int32_t height_px = 0;
};

struct Variant {
  std::string sku;
  std::string title;
  std::vector<OptionValue> option_values;
  // Known only where they were asked for or are about to be written.
  std::vector<Price> prices;
  // What a customer of the channel that was asked for sees.
  absl::optional<Money> price;
  int64_t available = 0;
};

enum class ProductState { kActive, kDraft, kDeleted };

struct Product {
  Uuid id;
  std::string slug;
  std::string title;
  std::string description;
  // Empty: in no category.
  std::string category_id;
  std::vector<Option> options;
  std::vector<Attribute> attributes;
  std::vector<Media> media;
  // At most `kVariantsReturned` when read.
  std::vector<Variant> variants;
  int32_t variant_count = 0;
  ProductState state = ProductState::kActive;
  int64_t version = 0;
  absl::Time create_time;
  absl::Time update_time;
  absl::optional<absl::Time> delete_time;
};

inline constexpr int kVariantsReturned = 100;

// A version of a resource in the form that clients send back.
std::string EtagOf(int64_t version);

// Ok where the client sent no etag or the current one; otherwise ABORTED with ETAG_MISMATCH.
absl::Status CheckEtag(absl::string_view etag, int64_t version);

// What is wrong with a field, for a client or for the report of an import.
struct Violation {
  std::string field;
  std::string reason;
  std::string message;
};

// The most that one unit may cost, so that no cart's total overflows.
inline constexpr int64_t kMostMinorUnits = 1'000'000'000'000;

// The first rule that the product breaks, or nullopt. Fields are named as in the contract, such as
// "variants[2].prices[0].amount.currency_code".
absl::optional<Violation> FindViolation(const Product& product, const shop::Channels& channels);

}  // namespace arasta::catalog
