#include "services/notification/message_template.h"

namespace arasta::notification {

const std::vector<MessageTemplate>& MessageTemplates() {
  static const auto& templates = *new std::vector<MessageTemplate>{
      {"welcome", Category::kTransactional, absl::Hours(72)},
      {"registration_repeated", Category::kSecurity, absl::Hours(24)},
      {"refresh_token_reused", Category::kSecurity, absl::Hours(24)},
      {"order_placed", Category::kTransactional, absl::Hours(72)},
      {"order_cancelled", Category::kTransactional, absl::Hours(72)},
  };
  return templates;
}

const MessageTemplate* FindMessageTemplate(absl::string_view name) {
  for (const MessageTemplate& message : MessageTemplates()) {
    if (message.name == name) return &message;
  }
  return nullptr;
}

}  // namespace arasta::notification
