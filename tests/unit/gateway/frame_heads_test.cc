#include "services/gateway/frame_heads.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace arasta::gateway {
namespace {

std::string Bytes() {
  const std::string head = {0, 0, 7, NGHTTP2_HEADERS, 4, 0, 0, 0, 3};
  const std::string priority = {0, 0, 5, NGHTTP2_PRIORITY, 0, 0, 0, 1, 5, '\x80', 0, 1, 5, 16};
  const std::string short_priority = {0, 0, 1, NGHTTP2_PRIORITY, 0, 0, 0, 0, 7, 9};
  const std::string data = {0, 0, 0, NGHTTP2_DATA, 1, '\xff', 0, 0, 9};
  return NGHTTP2_CLIENT_MAGIC + head + "payload" + priority + short_priority + data;
}

// What is read of pieces of that size.
std::vector<std::vector<int>> HeadsIn(const std::string& bytes, size_t piece) {
  FrameHeads heads;
  std::vector<std::vector<int>> read;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    absl::string_view rest = absl::string_view(bytes).substr(at, piece);
    while (const auto head = heads.Next(rest))
      read.push_back({head->type, head->stream_id, head->depends_on});
    EXPECT_TRUE(rest.empty());
  }
  return read;
}

TEST(FrameHeadsTest, AreReadHoweverTheyAreCut) {
  const std::vector<std::vector<int>> expected = {{NGHTTP2_HEADERS, 3, 0},
                                                  {NGHTTP2_PRIORITY, 0x105, 0x105},
                                                  {NGHTTP2_PRIORITY, 7, 0},
                                                  {NGHTTP2_DATA, 0x7f000009, 0}};
  for (size_t piece = 1; piece <= Bytes().size(); ++piece)
    EXPECT_EQ(HeadsIn(Bytes(), piece), expected) << piece;
}

TEST(FrameHeadsTest, EndWhereTheHeadEnds) {
  FrameHeads heads;
  const std::string bytes = Bytes();
  absl::string_view rest = bytes;
  ASSERT_TRUE(heads.Next(rest).has_value());
  EXPECT_EQ(rest.substr(0, 7), "payload");
}

}  // namespace
}  // namespace arasta::gateway
