#include "services/gateway/http1_parser.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace arasta::gateway {
namespace {

constexpr size_t kMaxChunkLine = 256;
constexpr size_t kMaxLengthDigits = 18;
constexpr size_t kMaxChunkDigits = 8;

bool IsTokenChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("!#$%&'*+-.^_`|~", c);
}
bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}
bool IsVisible(char c) {
  return c > ' ' && c < '\x7f';
}
// RFC 9110's field-value: visible, space, tab, and bytes above ASCII. No function, so that the loop over a
// head's every byte calls none.
constexpr auto kIsValueChar = [](char c) {
  return static_cast<unsigned char>(c) >= ' ' ? c != '\x7f' : c == '\t';
};
bool IsHostChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-._~:[]!$&'()*+;=%", c);
}
bool IsHost(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), IsHostChar);
}
bool IsDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

absl::string_view TrimBlanks(absl::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool Http1Parser::Refuse(int status) {
  bad_status_ = status;
  return false;
}

Http1Parser::Event Http1Parser::Bad(int status) {
  state_ = State::kBad;
  bad_status_ = status;
  return Event::kBad;
}

void Http1Parser::Enter(State state) {
  state_ = state;
  line_.clear();
  section_bytes_ = 0;
}

Http1Parser::Event Http1Parser::Next(absl::string_view& input) {
  switch (state_) {
    case State::kRequestLine:
      return NextRequestLine(input);
    case State::kFields:
      return NextFields(input);
    case State::kFixedBody:
      return NextData(input, State::kEnd);
    case State::kChunkSize:
      return NextChunkSize(input);
    case State::kChunkData:
      return NextData(input, State::kChunkEnd);
    case State::kChunkEnd:
      return NextChunkEnd(input);
    case State::kTrailers:
      return NextTrailers(input);
    case State::kEnd:
      Enter(State::kRequestLine);
      return Event::kEnd;
    case State::kBad:
      break;
  }
  return Event::kBad;
}

// Moves input to line_; true when that is a whole line. Lines end with CR LF and hold text: anything else
// is refused when it comes, as the end that others might see in it may be all that ever comes. `limit` is
// for what the present state takes altogether; of a line that is longer than a head may be, the start is
// kept.
bool Http1Parser::TakeLine(absl::string_view& input, size_t limit, int status_over_limit) {
  const size_t before = input.size();
  if (!after_return_) {
    const auto text = input.substr(
        0, static_cast<size_t>(std::find_if_not(input.begin(), input.end(), kIsValueChar) - input.begin()));
    line_.append(text.data(), std::min(text.size(), limits_.max_head_bytes + 1 - line_.size()));
    input.remove_prefix(text.size());
    after_return_ = absl::ConsumePrefix(&input, "\r");
  }
  const bool whole = after_return_ && absl::ConsumePrefix(&input, "\n");
  section_bytes_ += before - input.size();
  if (whole) after_return_ = false;
  if (section_bytes_ > limit) Bad(status_over_limit);
  if (!whole && !input.empty()) Bad(400);
  return whole && state_ != State::kBad;
}

Http1Parser::Event Http1Parser::NextRequestLine(absl::string_view& input) {
  // Empty lines before a request are forgiven (RFC 9112, 2.2).
  do {
    if (line_.empty() && !after_return_) section_bytes_ = 0;
    if (!TakeLine(input, limits_.max_head_bytes, 414)) return Unfinished();
  } while (line_.empty());
  http10_ = expects_continue_ = head_method_ = chunked_ = has_length_ = authority_in_target_ = false;
  keep_alive_ = true;
  hosts_ = 0;
  rest_ = 0;
  if (!ParseRequestLine(line_)) return Bad(bad_status_);
  Enter(State::kFields);
  return NextFields(input);
}

Http1Parser::Event Http1Parser::NextFields(absl::string_view& input) {
  while (TakeLine(input, IncomingHead::kPatience * limits_.max_head_bytes, 431)) {
    if (line_.empty() && head_.too_large()) return Bad(431);
    if (line_.empty()) return DecideBody() ? Event::kHead : Bad(bad_status_);
    if (!ParseField(line_)) return Bad(bad_status_);
    line_.clear();
  }
  return Unfinished();
}

bool Http1Parser::ParseRequestLine(absl::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == absl::string_view::npos || first == last) return Refuse(400);
  const absl::string_view method = line.substr(0, first);
  const absl::string_view target = line.substr(first + 1, last - first - 1);
  const absl::string_view version = line.substr(last + 1);
  if (!IsToken(method)) return Refuse(400);
  if (target.size() > limits_.max_target_bytes) return Refuse(414);
  if (!std::all_of(target.begin(), target.end(), IsVisible)) return Refuse(400);
  if (version == "HTTP/1.0") {
    http10_ = true;
    keep_alive_ = false;
  } else if (version != "HTTP/1.1") {
    return Refuse(absl::StartsWith(version, "HTTP/") ? 505 : 400);
  }
  head_method_ = method == "HEAD";
  return ParseTarget(method, target);
}

bool Http1Parser::ParseTarget(absl::string_view method, absl::string_view target) {
  head_.Add(":method", method);
  head_.Add(":scheme", "http");
  if (absl::StartsWith(target, "/") || (target == "*" && method == "OPTIONS")) {
    head_.Add(":path", target);
    return target.find('#') == absl::string_view::npos || Refuse(400);
  }
  if (!absl::ConsumePrefix(&target, "http://") && !absl::ConsumePrefix(&target, "https://"))
    return Refuse(400);
  const size_t slash = target.find('/');
  const absl::string_view authority = target.substr(0, slash);
  if (authority.empty() || !IsHost(authority)) return Refuse(400);
  authority_in_target_ = true;
  head_.Add(":authority", authority);
  head_.Add(":path", slash == absl::string_view::npos ? "/" : target.substr(slash));
  return true;
}

bool Http1Parser::ParseField(absl::string_view line) {
  // A space here would be obs-fold, or a space before the colon; both fail as names.
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon))) return Refuse(400);
  name_.assign(line.data(), colon);
  absl::AsciiStrToLower(&name_);
  const absl::string_view value = TrimBlanks(line.substr(colon + 1));
  if (!ParseKnownField(name_, value)) return false;
  if (name_ == "host") {
    if (!authority_in_target_) head_.Add(":authority", value);
    return true;
  }
  head_.Add(name_, value);
  return true;
}

// The fields that say where the request ends and whether another follows.
bool Http1Parser::ParseKnownField(absl::string_view name, absl::string_view value) {
  if (name == "host") {
    return (++hosts_ == 1 && IsHost(value)) || Refuse(400);
  }
  if (name == "content-length") {
    if (has_length_ || !IsDigits(value) || value.size() > kMaxLengthDigits) return Refuse(400);
    has_length_ = true;
    return absl::SimpleAtoi(value, &rest_) || Refuse(400);
  }
  if (name == "transfer-encoding") {
    if (chunked_ || http10_ || !absl::EqualsIgnoreCase(value, "chunked")) return Refuse(400);
    chunked_ = true;
    return true;
  }
  if (name == "expect") {
    if (!absl::EqualsIgnoreCase(value, "100-continue")) return Refuse(417);
    expects_continue_ = !http10_;
    return true;
  }
  return name != "connection" || ParseConnection(value);
}

bool Http1Parser::ParseConnection(absl::string_view value) {
  for (const absl::string_view part : absl::StrSplit(value, ',')) {
    const absl::string_view option = TrimBlanks(part);
    if (absl::EqualsIgnoreCase(option, "close")) keep_alive_ = false;
    if (absl::EqualsIgnoreCase(option, "keep-alive") && http10_) keep_alive_ = true;
  }
  return true;
}

bool Http1Parser::DecideBody() {
  if (hosts_ == 0 && !http10_) return Refuse(400);
  if (chunked_ && has_length_) return Refuse(400);
  Enter(chunked_ ? State::kChunkSize : rest_ > 0 ? State::kFixedBody : State::kEnd);
  return true;
}

Http1Parser::Event Http1Parser::NextData(absl::string_view& input, State after) {
  if (input.empty()) return Event::kNeedMore;
  data_ = input.substr(0, std::min<uint64_t>(rest_, input.size()));
  input.remove_prefix(data_.size());
  rest_ -= data_.size();
  if (rest_ == 0) Enter(after);
  return Event::kData;
}

Http1Parser::Event Http1Parser::NextChunkSize(absl::string_view& input) {
  if (!TakeLine(input, kMaxChunkLine, 400)) return Unfinished();
  const absl::string_view line = line_;
  const size_t digits = std::min(line.find_first_of("; \t"), line.size());
  const bool extended = digits == line.size() || absl::StartsWith(TrimBlanks(line.substr(digits)), ";");
  if (digits == 0 || digits > kMaxChunkDigits || !extended) return Bad(400);
  rest_ = 0;
  for (const char c : line.substr(0, digits)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return Bad(400);
    rest_ = rest_ * 16 + static_cast<uint64_t>(c > '9' ? (c | 32) - 'a' + 10 : c - '0');
  }
  Enter(rest_ == 0 ? State::kTrailers : State::kChunkData);
  return Next(input);
}

Http1Parser::Event Http1Parser::NextChunkEnd(absl::string_view& input) {
  if (!TakeLine(input, 2, 400)) return line_.empty() ? Unfinished() : Bad(400);
  Enter(State::kChunkSize);
  return Next(input);
}

// Checked and dropped: no protocol of ours has request trailers over HTTP/1.1.
Http1Parser::Event Http1Parser::NextTrailers(absl::string_view& input) {
  while (TakeLine(input, limits_.max_head_bytes, 431)) {
    if (line_.empty()) {
      Enter(State::kRequestLine);
      return Event::kEnd;
    }
    const size_t colon = line_.find(':');
    if (colon == std::string::npos || !IsToken(absl::string_view(line_).substr(0, colon))) return Bad(400);
    line_.clear();
  }
  return Unfinished();
}

}  // namespace arasta::gateway
