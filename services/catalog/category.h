// Categories: the shelves of the shop.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace arasta::catalog {

struct Category {
  std::string id;
  std::string title;
  // Empty at the root.
  std::string parent_id;
  int32_t position = 0;
  int64_t version = 0;
  absl::Time create_time;
  absl::Time update_time;
};

}  // namespace arasta::catalog
