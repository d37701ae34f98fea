// A request's head while it arrives, in bounded memory. Of a head over the limit, what is still kept is
// what tells in which protocol to say so.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "services/gateway/header_block.h"

namespace arasta::gateway {

class IncomingHead {
 public:
  // `max_bytes` as HTTP/2 counts them (HeaderBlock::list_size).
  explicit IncomingHead(size_t max_bytes) : max_bytes_(max_bytes) {}

  void Add(absl::string_view name, absl::string_view value, Indexing indexing = Indexing::kAllowed);

  bool too_large() const { return offered_bytes_ > max_bytes_; }
  // So much that no answer is owed: the connection may be ended.
  bool hopeless() const { return offered_bytes_ > kPatience * max_bytes_; }
  // Gives the fields away; begins anew.
  HeaderBlock Take();

  // How many times the limit is read at all.
  static constexpr size_t kPatience = 8;

 private:
  const size_t max_bytes_;
  size_t offered_bytes_ = 0;
  HeaderBlock fields_;
};

}  // namespace arasta::gateway
