// Turns a message and its variables into the mail's subject, text and HTML. The templates are embedded
// at build time; they see their variables and nothing else.
//
// A file templates/<name>.<locale>.mustache holds three parts: the first line "Subject: …", the plain
// text after an empty line, and the HTML after a line "--html--". The HTML goes into layout.mustache.
// In the text, a section starts before the line it holds and ends before the next: kainjow leaves an
// empty line where a false section stood on lines of its own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace arasta::notification {

struct RenderedMessage {
  // BCP 47 tag of the language it is written in: the reader's, or what it fell back to.
  std::string locale;
  std::string subject;
  std::string text;
  std::string html;
};

// "de-CH" → de-CH, de, en.
std::vector<std::string> LocaleFallback(absl::string_view locale);

// Immutable, hence thread-safe.
class Renderer {
 public:
  // By file name, such as "welcome.en.mustache". Dies on a template that does not parse or a message
  // without English: only a programmer can bring that about.
  Renderer(const std::map<std::string, std::string>& files, std::string shop_name);

  // NOT_FOUND: no such template. INVALID_ARGUMENT, reason MISSING_VARIABLE: the template names a
  // variable that is not there; reason MESSAGE_TOO_LARGE: over 256 KiB. Values may be strings, numbers,
  // booleans, lists of objects,
  // {"currency_code", "minor_units"} and {"unix_seconds"}.
  absl::StatusOr<RenderedMessage> Render(const std::string& name, absl::string_view locale,
                                         const nlohmann::json& variables) const;

 private:
  struct Parts {
    std::string subject;
    std::string text;
    std::string html;
  };

  static Parts Split(const std::string& file_name, absl::string_view content);

  // By "<name>.<locale>".
  std::map<std::string, Parts> parts_;
  std::string layout_;
  const std::string shop_name_;
};

// The files under templates/, by name. Written by CMake.
const std::map<std::string, std::string>& EmbeddedTemplates();

}  // namespace arasta::notification
