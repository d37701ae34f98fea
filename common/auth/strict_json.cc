#include "common/auth/strict_json.h"

#include <set>
#include <string>
#include <vector>

namespace arasta::auth {
namespace {

constexpr int kMaxDepth = 16;

// Builds nothing: only says whether the text is acceptable, and stops at the first thing that is not.
class StrictReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Enter(); }
  bool key(string_t& key) override { return keys_.back().insert(key).second; }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool Enter() {
    keys_.emplace_back();
    return keys_.size() <= kMaxDepth;
  }
  bool Leave() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;
};

}  // namespace

absl::optional<nlohmann::json> ParseStrictObject(absl::string_view text) {
  StrictReader reader;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) return absl::nullopt;
  nlohmann::json json = nlohmann::json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::nullopt;
  return json;
}

}  // namespace arasta::auth
