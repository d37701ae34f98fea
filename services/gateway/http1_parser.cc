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
// RFC 9110's field-value: visible, space, tab, and bytes above ASCII.
bool IsValueChar(char c) {
  return c == ' ' || c == '\t' || (static_cast<unsigned char>(c) > ' ' && c != '\x7f');
}
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

Http1Parser::Event Http1Parser::Next(absl::string_view& input) {
  switch (state_) {
    case State::kHead:
      return NextHead(input);
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
      state_ = State::kHead;
      return Event::kEnd;
    case State::kBad:
      break;
  }
  return Event::kBad;
}

// Moves input to line_ up to and including `end`. False when that is not there yet; over the limit, the
// state is kBad then.
bool Http1Parser::TakeUntil(absl::string_view end, absl::string_view& input, size_t limit,
                            int status_over_limit) {
  const size_t before = line_.size();
  const size_t room = limit - before;
  line_.append(input.data(), std::min(input.size(), room + 1));
  const size_t from = before < end.size() ? 0 : before - end.size() + 1;
  const size_t found = line_.find(end.data(), from, end.size());
  if (found != std::string::npos) {
    line_.resize(found + end.size());
    input.remove_prefix(line_.size() - before);
    return true;
  }
  if (line_.size() > limit) {
    Bad(status_over_limit);
    return false;
  }
  input = {};
  return false;
}

Http1Parser::Event Http1Parser::NextHead(absl::string_view& input) {
  // One empty line before a request is forgiven (RFC 9112, 2.2); it must not look like an empty head.
  if (line_ == "\r\n") line_.clear();
  if (line_.empty() && absl::StartsWith(input, "\r\n")) input.remove_prefix(2);
  if (input.empty()) return Event::kNeedMore;
  if (!TakeUntil("\r\n\r\n", input, limits_.max_head_bytes, 431)) {
    if (state_ != State::kBad) return Event::kNeedMore;
    const bool in_first_line = line_.find("\r\n") == std::string::npos;
    return Bad(in_first_line ? 414 : 431);
  }
  if (!ParseHead(absl::string_view(line_).substr(0, line_.size() - 2))) return Bad(bad_status_);
  line_.clear();
  return Event::kHead;
}

bool Http1Parser::ParseHead(absl::string_view head) {
  fields_.Clear();
  http10_ = expects_continue_ = head_method_ = chunked_ = has_length_ = authority_in_target_ = false;
  keep_alive_ = true;
  hosts_ = 0;
  rest_ = 0;
  size_t lines = 0;
  while (!head.empty()) {
    const size_t end = head.find("\r\n");
    const absl::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (lines++ == 0 ? !ParseRequestLine(line) : !ParseField(line)) return false;
    if (lines > limits_.max_fields + 1) return Refuse(431);
  }
  return DecideBody();
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
  fields_.Add(":method", method);
  fields_.Add(":scheme", "http");
  if (target.front() == '/' || (target == "*" && method == "OPTIONS")) {
    fields_.Add(":path", target);
    return target.find('#') == absl::string_view::npos || Refuse(400);
  }
  if (!absl::ConsumePrefix(&target, "http://") && !absl::ConsumePrefix(&target, "https://"))
    return Refuse(400);
  const size_t slash = target.find('/');
  const absl::string_view authority = target.substr(0, slash);
  if (authority.empty() || !IsHost(authority)) return Refuse(400);
  authority_in_target_ = true;
  fields_.Add(":authority", authority);
  fields_.Add(":path", slash == absl::string_view::npos ? "/" : target.substr(slash));
  return true;
}

bool Http1Parser::ParseField(absl::string_view line) {
  // A space here would be obs-fold, or a space before the colon; both fail as names.
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon))) return Refuse(400);
  name_.assign(line.data(), colon);
  absl::AsciiStrToLower(&name_);
  const absl::string_view value = TrimBlanks(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), IsValueChar)) return Refuse(400);
  if (!ParseKnownField(name_, value)) return false;
  if (name_ == "host") {
    if (!authority_in_target_) fields_.Add(":authority", value);
    return true;
  }
  fields_.Add(name_, value);
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
  state_ = chunked_ ? State::kChunkSize : rest_ > 0 ? State::kFixedBody : State::kEnd;
  return true;
}

Http1Parser::Event Http1Parser::NextData(absl::string_view& input, State after) {
  if (input.empty()) return Event::kNeedMore;
  data_ = input.substr(0, std::min<uint64_t>(rest_, input.size()));
  input.remove_prefix(data_.size());
  rest_ -= data_.size();
  if (rest_ == 0) state_ = after;
  return Event::kData;
}

Http1Parser::Event Http1Parser::NextChunkSize(absl::string_view& input) {
  if (!TakeUntil("\r\n", input, kMaxChunkLine, 400)) {
    return state_ == State::kBad ? Event::kBad : Event::kNeedMore;
  }
  const absl::string_view line = absl::string_view(line_).substr(0, line_.size() - 2);
  const size_t digits = std::min(line.find_first_of("; \t"), line.size());
  const bool plain = std::all_of(line.begin() + static_cast<ptrdiff_t>(digits), line.end(), IsValueChar);
  const bool extended = digits == line.size() || absl::StartsWith(TrimBlanks(line.substr(digits)), ";");
  if (digits == 0 || digits > kMaxChunkDigits || !plain || !extended) return Bad(400);
  rest_ = 0;
  for (const char c : line.substr(0, digits)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return Bad(400);
    rest_ = rest_ * 16 + static_cast<uint64_t>(c > '9' ? (c | 32) - 'a' + 10 : c - '0');
  }
  line_.clear();
  state_ = rest_ == 0 ? State::kTrailers : State::kChunkData;
  return Next(input);
}

Http1Parser::Event Http1Parser::NextChunkEnd(absl::string_view& input) {
  while (!input.empty() && line_.size() < 2) {
    line_.push_back(input.front());
    input.remove_prefix(1);
  }
  if (line_.size() < 2 && absl::StartsWith("\r\n", line_)) return Event::kNeedMore;
  if (line_ != "\r\n") return Bad(400);
  line_.clear();
  state_ = State::kChunkSize;
  return Next(input);
}

// Checked and dropped: no protocol of ours has request trailers over HTTP/1.1. rest_ counts their bytes.
Http1Parser::Event Http1Parser::NextTrailers(absl::string_view& input) {
  while (TakeUntil("\r\n", input, limits_.max_head_bytes, 431)) {
    const absl::string_view line = absl::string_view(line_).substr(0, line_.size() - 2);
    if (line.empty()) {
      line_.clear();
      state_ = State::kHead;
      return Event::kEnd;
    }
    const size_t colon = line.find(':');
    if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon)) ||
        !std::all_of(line.begin() + static_cast<ptrdiff_t>(colon), line.end(), IsValueChar)) {
      return Bad(400);
    }
    rest_ += line_.size();
    line_.clear();
    if (rest_ > limits_.max_head_bytes) return Bad(431);
  }
  return state_ == State::kBad ? Event::kBad : Event::kNeedMore;
}

}  // namespace arasta::gateway
