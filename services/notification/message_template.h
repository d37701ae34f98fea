// The messages the shop can write: what each is for and how urgent it is.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace arasta::notification {

// Smaller is sooner: the number is the lane in the senders' queue.
enum class Category { kSecurity = 1, kTransactional = 2, kMarketing = 3 };

struct MessageTemplate {
  // Also the stem of its files: templates/<name>.<locale>.mustache.
  std::string name;
  Category category;
  // Not worth sending later than this after it was accepted.
  absl::Duration lifetime;
};

// nullptr: no such template.
const MessageTemplate* FindMessageTemplate(absl::string_view name);

const std::vector<MessageTemplate>& MessageTemplates();

}  // namespace arasta::notification
