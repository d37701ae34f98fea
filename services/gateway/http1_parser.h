// Requests of HTTP/1.1 and 1.0, strictly: whatever two parsers could read differently is refused, because
// that is how requests are smuggled.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/incoming_head.h"

namespace arasta::gateway {

struct Http1Limits {
  size_t max_target_bytes = 8 * 1024;
  size_t max_head_bytes = 16 * 1024;
};

// One request after the other from a stream of bytes that arrives in any pieces. After kBad it is of no
// more use.
class Http1Parser {
 public:
  enum class Event {
    kNeedMore,  // all input is used up
    kHead,      // TakeFields() gives a complete head
    kData,      // data() is the next piece of the body
    kEnd,       // of the request; the next call begins another
    kBad,       // answer with bad_status() and close
  };

  explicit Http1Parser(const Http1Limits& limits) : limits_(limits), head_(limits.max_head_bytes) {}

  // Takes what it uses from the front of `input`.
  Event Next(absl::string_view& input);

  // With the pseudo-fields of HTTP/2 (":method", ":scheme", ":authority", ":path") in place of the request
  // line and Host, and names in lower case; of a head that is bad, those before the bad one; of one that is
  // too large, those that decide how to say so.
  HeaderBlock TakeFields() { return head_.Take(); }
  absl::string_view data() const { return data_; }
  int bad_status() const { return bad_status_; }

  // Of the request whose head came last.
  bool keep_alive() const { return keep_alive_; }
  bool is_http10() const { return http10_; }
  bool expects_continue() const { return expects_continue_; }
  bool is_head_method() const { return head_method_; }
  // Nothing of a request has been seen since the last one's end.
  bool idle() const { return state_ == State::kRequestLine && section_bytes_ == 0; }

 private:
  enum class State {
    kRequestLine,
    kFields,
    kFixedBody,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kEnd,
    kBad
  };

  Event NextRequestLine(absl::string_view& input);
  Event NextFields(absl::string_view& input);
  Event NextData(absl::string_view& input, State after);
  Event NextChunkSize(absl::string_view& input);
  Event NextChunkEnd(absl::string_view& input);
  Event NextTrailers(absl::string_view& input);
  bool TakeLine(absl::string_view& input, size_t limit, int status_over_limit);
  bool ParseRequestLine(absl::string_view line);
  bool ParseTarget(absl::string_view method, absl::string_view target);
  bool ParseField(absl::string_view line);
  bool ParseKnownField(absl::string_view name, absl::string_view value);
  bool ParseConnection(absl::string_view value);
  bool DecideBody();
  void Enter(State state);
  bool Refuse(int status);
  Event Bad(int status);
  Event Unfinished() const { return state_ == State::kBad ? Event::kBad : Event::kNeedMore; }

  const Http1Limits limits_;
  State state_ = State::kRequestLine;
  std::string line_;           // under way, without its end
  bool after_return_ = false;  // of which the CR has come
  size_t section_bytes_ = 0;   // taken since the state was entered
  IncomingHead head_;
  absl::string_view data_;
  int bad_status_ = 0;
  bool http10_ = false;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  bool head_method_ = false;
  bool chunked_ = false;
  bool has_length_ = false;
  bool authority_in_target_ = false;
  int hosts_ = 0;
  std::string name_;   // of the field being read, in lower case
  uint64_t rest_ = 0;  // of the body or the chunk
};

}  // namespace arasta::gateway
