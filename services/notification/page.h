// What the lists of this service have in common: pages by keyset over UUIDv7 ids, newest first.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "arasta/notification/v1/category.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/rpc/page_token.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/notification/message_template.h"

namespace arasta::notification {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 200;

template <typename Request>
int PageSizeOf(const Request& request) {
  return request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
}

struct Page {
  // INVALID_ARGUMENT: page_token is not one of this list's, as `reader` sees it; empty where all see the
  // same.
  template <typename Request>
  static absl::StatusOr<Page> Of(const Request& request, const rpc::PageTokens& tokens,
                                 const std::string& reader = "") {
    Page page;
    page.size = PageSizeOf(request);
    page.fingerprint = rpc::FingerprintOf(request) + reader;
    ASSIGN_OR_RETURN(std::string cursor, tokens.Decode(request.page_token(), page.fingerprint));
    if (cursor.empty()) return page;
    const absl::optional<Uuid> before = Uuid::Parse(cursor);
    if (!before.has_value()) return InvalidField("page_token", "is not from this list");
    page.before = *before;
    return page;
  }

  // `rows` holds one more than `size` where there is a next page; takes that one off and returns the
  // token of the page it begins.
  template <typename Row>
  std::string TakeNextToken(std::vector<Row>& rows, const rpc::PageTokens& tokens) const {
    if (rows.size() <= static_cast<size_t>(size)) return "";
    rows.pop_back();
    return tokens.Encode(rows.back().id.ToString(), fingerprint);
  }

  int size = kDefaultPageSize;
  std::optional<Uuid> before;
  std::string fingerprint;
};

inline v1::Category CategoryOf(Category category) {
  return static_cast<v1::Category>(category);
}

inline google::protobuf::Timestamp TimestampOf(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  google::protobuf::Timestamp proto;
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return proto;
}

}  // namespace arasta::notification
