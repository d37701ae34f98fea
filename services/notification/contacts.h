// Where and how to reach a principal. Events carry no addresses; auth and order are asked when a
// message is written.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/call/call.h"

namespace arasta::notification {

struct Contact {
  std::string email;
  // Empty where none was given.
  std::string display_name;
  // BCP 47; empty where the peer does not know.
  std::string locale;
};

// Thread-safe. Tests have a fake: the peers are other processes.
class Contacts {
 public:
  virtual ~Contacts() = default;

  // `subject` is what the message is about: a guest is reached through the order it placed.
  // NOT_FOUND: nobody knows an address. Anything else may be asked again.
  virtual absl::StatusOr<Contact> Find(const Call& call, const std::string& recipient,
                                       const std::string& subject) = 0;
};

}  // namespace arasta::notification
