// Requests of HTTP/1.1: the same bytes in any pieces are the same requests.
#include "services/gateway/http1_parser.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

using gateway::Http1Parser;

// What the parser says, as text; ends at the first refusal.
class Transcript {
 public:
  // False after a refusal.
  bool Feed(absl::string_view bytes) {
    for (;;) {
      const size_t before = bytes.size();
      const Http1Parser::Event event = parser_.Next(bytes);
      Require(bytes.size() <= before, "a parser only takes");
      if (event == Http1Parser::Event::kNeedMore) {
        Require(bytes.empty(), "what needs more has used all");
        return true;
      }
      if (event == Http1Parser::Event::kBad) {
        absl::StrAppend(&text_, "bad ", parser_.bad_status(), "\n");
        return false;
      }
      Note(event);
    }
  }

  const std::string& text() const { return text_; }

 private:
  void Note(Http1Parser::Event event) {
    if (event == Http1Parser::Event::kData) {
      absl::StrAppend(&text_, parser_.data());
    } else if (event == Http1Parser::Event::kEnd) {
      absl::StrAppend(&text_, "\nend\n");
    } else {
      const gateway::HeaderBlock fields = parser_.TakeFields();
      for (size_t i = 0; i < fields.size(); ++i) {
        absl::StrAppend(&text_, fields[i].name, ": ", fields[i].value, "\n");
        for (const char c : fields[i].value)
          Require(c != '\r' && c != '\n' && c != '\0', "a field is a line");
      }
      absl::StrAppend(&text_, parser_.keep_alive(), parser_.is_http10(), parser_.expects_continue(), "\n");
    }
  }

  Http1Parser parser_{{}};
  std::string text_;
};

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using arasta::fuzz::Transcript;
  arasta::fuzz::Input input(data, size);
  const size_t piece = 1 + input.Byte() % 32;
  Transcript whole;
  whole.Feed(input.rest());
  Transcript pieces;
  while (!input.empty() && pieces.Feed(input.Bytes(piece))) {
  }
  arasta::fuzz::Require(whole.text() == pieces.text(), "pieces are read as the whole is");
  return 0;
}
