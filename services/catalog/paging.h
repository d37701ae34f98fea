// How many items a page has.
#pragma once

#include <algorithm>
#include <cstdint>

namespace arasta::catalog {

// `asked` from a request: 0 means `standard`, more than `most` is taken as `most`.
inline int PageSize(int32_t asked, int standard, int most) {
  return asked <= 0 ? standard : std::min<int>(asked, most);
}

}  // namespace arasta::catalog
