// A table of frames and of what is to come of them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/raw_http2.h"

namespace arasta::gateway {

constexpr uint8_t kEndStream = NGHTTP2_FLAG_END_STREAM;
constexpr uint8_t kEndHeaders = NGHTTP2_FLAG_END_HEADERS;
constexpr uint8_t kPadded = NGHTTP2_FLAG_PADDED;
constexpr uint8_t kAck = NGHTTP2_FLAG_ACK;
constexpr uint8_t kUnknownType = 0x16;
// Later than any stream of a row.
constexpr uint32_t kLater = 999;

// What becomes of the connection, and of stream 1.
enum class Fate {
  kGoaway,   // the connection ends with the code
  kReset,    // stream 1 is reset with the code, others are served
  kServed,   // stream 1 is answered, and others are served
  kIgnored,  // nothing happens to stream 1, others are served
};

struct Row {
  const char* name;
  std::string bytes;
  Fate fate;
  uint32_t code = NGHTTP2_NO_ERROR;
  std::string when_answered = {};  // sent when stream 1 has ended
};

inline std::string Headers(uint32_t stream, absl::string_view block, uint8_t flags = kEndHeaders) {
  return Frame(NGHTTP2_HEADERS, flags, stream, block);
}
inline std::string Data(uint32_t stream, absl::string_view bytes, uint8_t flags = kEndStream) {
  return Frame(NGHTTP2_DATA, flags, stream, bytes);
}
inline std::string Continuation(uint32_t stream, absl::string_view block, uint8_t flags = kEndHeaders) {
  return Frame(NGHTTP2_CONTINUATION, flags, stream, block);
}
inline std::string Settings(absl::string_view entries) {
  return Frame(NGHTTP2_SETTINGS, 0, 0, entries);
}
inline std::string Credit(uint32_t stream, uint32_t count) {
  return Frame(NGHTTP2_WINDOW_UPDATE, 0, stream, Number(count));
}
inline std::string Reset(uint32_t stream) {
  return Frame(NGHTTP2_RST_STREAM, 0, stream, Number(NGHTTP2_CANCEL));
}
inline std::string Priority(uint32_t stream, uint32_t depends_on = 0) {
  return Frame(NGHTTP2_PRIORITY, 0, stream, absl::StrCat(Number(depends_on), "\x10"));
}
inline std::string Ping(uint32_t stream = 0) {
  return Frame(NGHTTP2_PING, 0, stream, "12345678");
}
// A call that stays open, of which the client has said everything.
inline std::string Watch(uint32_t stream) {
  return Headers(stream, CallFields("/grpc.health.v1.Health/Watch")) + Data(stream, GrpcFrame(""));
}
class Http2ConformanceTest : public GatewayTest {
 protected:
  void ExpectAll(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.name);
      RawHttp2 client(port());
      Expect(row, client);
    }
  }

  void Expect(const Row& row, RawHttp2& client) {
    client.Send(row.bytes);
    const Http2Answer& answer = client.answer(1);
    if (!row.when_answered.empty()) {
      EXPECT_TRUE(client.Until([&] { return answer.ended; }));
      client.Send(row.when_answered);
    }
    if (row.fate == Fate::kGoaway) {
      EXPECT_TRUE(client.UntilClosed());
      EXPECT_EQ(client.goaway().value_or(999), row.code);
      return;
    }
    EXPECT_TRUE(row.fate == Fate::kIgnored ||
                client.Until([&] { return answer.reset.has_value() || answer.ended; }));
    ExpectServed(client);
    EXPECT_EQ(answer.reset.value_or(999), row.fate == Fate::kReset ? row.code : 999);
    EXPECT_EQ(answer.Field("grpc-status"), row.fate == Fate::kServed ? "0" : "");
  }

  void ExpectServed(RawHttp2& client) {
    client.Send(Call(kLater));
    EXPECT_TRUE(client.Until([&] { return client.answer(kLater).ended; }));
    EXPECT_EQ(client.answer(kLater).Field("grpc-status"), "0");
    EXPECT_FALSE(client.goaway());
  }
};

}  // namespace arasta::gateway
