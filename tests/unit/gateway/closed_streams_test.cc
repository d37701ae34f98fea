#include "services/gateway/closed_streams.h"

#include <gtest/gtest.h>

namespace arasta::gateway {
namespace {

TEST(ClosedStreamsTest, KnowWhatTheClientEnded) {
  ClosedStreams closed;
  EXPECT_EQ(closed.ErrorOf(0), NGHTTP2_NO_ERROR) << "the connection is no stream";
  closed.OnHeaders(1);
  EXPECT_EQ(closed.ErrorOf(1), NGHTTP2_NO_ERROR);
  closed.OnEndedByClient(1);
  EXPECT_EQ(closed.ErrorOf(1), NGHTTP2_STREAM_CLOSED);
  EXPECT_EQ(closed.ErrorOf(3), NGHTTP2_NO_ERROR);
}

TEST(ClosedStreamsTest, ForgiveWhatIsLongOver) {
  ClosedStreams closed;
  for (int32_t id = 1; id < 101; id += 2) {
    closed.OnHeaders(id);
    closed.OnEndedByClient(id);
  }
  EXPECT_EQ(closed.ErrorOf(99), NGHTTP2_STREAM_CLOSED);
  EXPECT_EQ(closed.ErrorOf(1), NGHTTP2_NO_ERROR);
}

TEST(ClosedStreamsTest, KnowTheNumbersThatWereSkipped) {
  ClosedStreams closed;
  for (const int32_t id : {1, 3, 9, 11}) closed.OnHeaders(id);
  for (const int32_t id : {5, 7}) EXPECT_EQ(closed.ErrorOf(id), NGHTTP2_PROTOCOL_ERROR) << id;
  for (const int32_t id : {1, 3, 9, 11, 13}) EXPECT_EQ(closed.ErrorOf(id), NGHTTP2_NO_ERROR) << id;
}

}  // namespace
}  // namespace arasta::gateway
