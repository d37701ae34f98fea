// Structured logging: one JSON object a line on stderr. Thread-safe.
//   log::Info("serving", {{"address", address}, {"admin_address", admin_address}});
// Never log secrets or personal data; messages of protos go through common/rpc/redact.h first.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "absl/types/variant.h"

namespace arasta::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// A string, integer, floating-point number or bool. Strings are borrowed: a Value lives no longer than
// the statement it is written in.
class Value {
 public:
  Value(absl::string_view text) : value_(text) {}
  Value(const char* text) : value_(absl::string_view(text)) {}
  Value(const std::string& text) : value_(absl::string_view(text)) {}
  Value(bool truth) : value_(truth) {}
  template <typename T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
  Value(T number) : value_(static_cast<int64_t>(number)) {}
  Value(double number) : value_(number) {}

  void AppendJson(std::string& out) const;

 private:
  absl::variant<absl::string_view, bool, int64_t, double> value_;
};

struct Field {
  absl::string_view key;
  Value value;
};

// Called once by main, before the first thread; `service` is written on every line.
void Configure(absl::string_view service, Level level);

// From here on lines are lost rather than waited with until the reader of a pipe or socket takes them. Called
// once, by a process that serves.
void NeverWait();

// "debug", "info", "warning" or "error"; anything else means info.
Level LevelFromName(absl::string_view name);

void Write(Level level, absl::string_view message, absl::Span<const Field> fields);

inline void Debug(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kDebug, message, fields);
}
inline void Info(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kInfo, message, fields);
}
inline void Warning(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kWarning, message, fields);
}
inline void Error(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kError, message, fields);
}

}  // namespace arasta::log
