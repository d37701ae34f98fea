#include "tests/bench/servers/product_page.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>

namespace arasta::bench {
namespace {

// Most fields are text, as a product's are; umlauts, quotes and line feeds are what JSON has to look at.
constexpr char kProduct[] = R"pb(
  name: "products/0190a8f0-0000-7000-8000-00000000002a"
  slug: "earl-grey-rize-first-flush"
  title: "Earl Grey \"Rize\", First Flush"
  description: "A light black tea from the hills above the Black Sea, picked in May and scented with oil of "
               "bergamot from Calabria.\n\nSteep three to four minutes at 95 °C, twelve grams to the litre; "
               "the second infusion is worth the wait. Best with a slice of lemon, or as the Çaykara people "
               "drink it, with a lump of sugar between the teeth.\n\nPacked in Köln in bags that can be "
               "closed again; keep it dark and dry and it lasts three years. Every lot is tasted twice, "
               "once in Rize and once with us, and its number is printed on the bag."
  category: "categories/0190a8f0-0000-7000-8000-000000000007"
  options { option: "Size" values: "100 g" values: "250 g" values: "500 g" }
  variants {
    sku: "TEA-EGR-100"
    title: "100 g"
    option_values { option: "Size" value: "100 g" }
    price { currency_code: "EUR" minor_units: 690 }
    available: 412
  }
  variants {
    sku: "TEA-EGR-250"
    title: "250 g"
    option_values { option: "Size" value: "250 g" }
    price { currency_code: "EUR" minor_units: 1490 }
    available: 87
  }
  variants {
    sku: "TEA-EGR-500"
    title: "500 g, in a tin"
    option_values { option: "Size" value: "500 g" }
    price { currency_code: "EUR" minor_units: 2790 }
    available: 31
  }
  attributes { key: "Origin" value: "Rize, Türkiye" }
  attributes { key: "Leaf" value: "Orange Pekoe" }
  attributes { key: "Allergens" value: "None; packed where nuts are not" }
  attributes { key: "Organic" value: "DE-ÖKO-006" }
  media {
    uri: "https://media.shop.example/products/earl-grey-rize/front.webp"
    alt_text: "The bag, from the front"
    content_type: "image/webp"
    width_px: 1600
    height_px: 1200
  }
  media {
    uri: "https://media.shop.example/products/earl-grey-rize/leaves.webp"
    alt_text: "Dry leaves with petals of cornflower"
    content_type: "image/webp"
    width_px: 1600
    height_px: 1200
  }
  state: STATE_ACTIVE
  create_time { seconds: 1767225600 nanos: 123456000 }
  update_time { seconds: 1769904000 nanos: 987654000 }
  etag: "W7c5a3b1e9"
  version: 17
  variant_count: 3
)pb";

}  // namespace

catalog::v1::Product ProductPage() {
  catalog::v1::Product product;
  if (!google::protobuf::TextFormat::ParseFromString(kProduct, &product)) std::abort();
  return product;
}

}  // namespace arasta::bench
