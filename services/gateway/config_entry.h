// An object of a JSON file as it is read: knows its place in the file and what it was asked for. Whatever is
// wrong is collected with the entry that it is about, "routes[2].backend: ...", and a usable value returned.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

class ConfigEntry {
 public:
  using Problems = std::vector<std::string>;

  // `place` is empty for the whole file. All three outlive the entry.
  ConfigEntry(const nlohmann::json& json, std::string place, Problems& problems);
  // Refuses what it was not asked for.
  ~ConfigEntry();
  ConfigEntry(const ConfigEntry&) = delete;
  ConfigEntry& operator=(const ConfigEntry&) = delete;

  std::string Required(const std::string& key);
  std::string String(const std::string& key, const std::string& default_value);
  bool Bool(const std::string& key, bool default_value);
  int64_t Int(const std::string& key, int64_t default_value, int64_t min, int64_t max);
  std::vector<std::string> Strings(const std::string& key);
  // Each object of an array, or of an object by its name; none where the key is absent.
  void ForEach(const std::string& key, const std::function<void(ConfigEntry&)>& read);
  void ForEachNamed(const std::string& key,
                    const std::function<void(const std::string&, ConfigEntry&)>& read);
  // Where the key is there.
  void With(const std::string& key, const std::function<void(ConfigEntry&)>& read);

  void AddProblem(const std::string& key, absl::string_view what);

 private:
  const nlohmann::json* Find(const std::string& key);
  std::string PlaceOf(const std::string& key) const;

  const nlohmann::json& json_;
  const std::string place_;
  Problems& problems_;
  std::set<std::string> known_;
};

}  // namespace arasta::gateway
