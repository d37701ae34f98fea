#include "services/gateway/config_entry.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace arasta::gateway {

using Json = nlohmann::json;

ConfigEntry::ConfigEntry(const Json& json, std::string place, Problems& problems)
    : json_(json), place_(std::move(place)), problems_(problems) {
  if (!json_.is_object())
    problems_.push_back(absl::StrCat(place_, place_.empty() ? "" : ": ", "is no object"));
}

ConfigEntry::~ConfigEntry() {
  if (!json_.is_object()) return;
  for (const auto& [key, value] : json_.items()) {
    if (known_.count(key) == 0) AddProblem(key, "is not known");
  }
}

std::string ConfigEntry::Required(const std::string& key) {
  const Json* value = Find(key);
  if (value == nullptr || *value == "") AddProblem(key, "is needed");
  return String(key, "");
}

std::string ConfigEntry::String(const std::string& key, const std::string& default_value) {
  const Json* value = Find(key);
  if (value == nullptr) return default_value;
  if (value->is_string()) return value->get<std::string>();
  AddProblem(key, "is no string");
  return default_value;
}

bool ConfigEntry::Bool(const std::string& key, bool default_value) {
  const Json* value = Find(key);
  if (value == nullptr) return default_value;
  if (value->is_boolean()) return value->get<bool>();
  AddProblem(key, "is not true or false");
  return default_value;
}

int64_t ConfigEntry::Int(const std::string& key, int64_t default_value, int64_t min, int64_t max) {
  const Json* value = Find(key);
  if (value == nullptr) return default_value;
  // A number beyond int64_t is unsigned and would turn negative: out of range either way.
  if (value->is_number_integer()) {
    const int64_t number = value->get<int64_t>();
    if (number >= min && number <= max) return number;
  }
  AddProblem(key, absl::StrCat("is not a whole number from ", min, " to ", max));
  return default_value;
}

std::vector<std::string> ConfigEntry::Strings(const std::string& key) {
  std::vector<std::string> strings;
  const Json* value = Find(key);
  if (value == nullptr) return strings;
  if (!value->is_array()) return AddProblem(key, "is no list"), strings;
  for (size_t i = 0; i < value->size(); ++i) {
    if ((*value)[i].is_string()) {
      strings.push_back((*value)[i].get<std::string>());
    } else {
      AddProblem(absl::StrCat(key, "[", i, "]"), "is no string");
    }
  }
  return strings;
}

void ConfigEntry::ForEach(const std::string& key, const std::function<void(ConfigEntry&)>& read) {
  const Json* value = Find(key);
  if (value == nullptr) return;
  if (!value->is_array()) return AddProblem(key, "is no list");
  for (size_t i = 0; i < value->size(); ++i) {
    ConfigEntry entry((*value)[i], PlaceOf(absl::StrCat(key, "[", i, "]")), problems_);
    read(entry);
  }
}

void ConfigEntry::ForEachNamed(const std::string& key,
                               const std::function<void(const std::string&, ConfigEntry&)>& read) {
  const Json* value = Find(key);
  if (value == nullptr) return;
  if (!value->is_object()) return AddProblem(key, "is no object");
  for (const auto& [name, member] : value->items()) {
    ConfigEntry entry(member, PlaceOf(absl::StrCat(key, ".", name)), problems_);
    read(name, entry);
  }
}

void ConfigEntry::With(const std::string& key, const std::function<void(ConfigEntry&)>& read) {
  const Json* value = Find(key);
  if (value == nullptr) return;
  ConfigEntry entry(*value, PlaceOf(key), problems_);
  read(entry);
}

void ConfigEntry::AddProblem(const std::string& key, absl::string_view what) {
  problems_.push_back(absl::StrCat(PlaceOf(key), ": ", what));
}

const Json* ConfigEntry::Find(const std::string& key) {
  known_.insert(key);
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(key);
  return found == json_.end() ? nullptr : &*found;
}

std::string ConfigEntry::PlaceOf(const std::string& key) const {
  return place_.empty() ? key : absl::StrCat(place_, ".", key);
}

}  // namespace arasta::gateway
