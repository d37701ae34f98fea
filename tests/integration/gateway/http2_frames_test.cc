// What RFC 9113 asks of a server, frame by frame: the cases of the known conformance suites. Of the 146 that
// h2spec 2.2.1 has (strict) one ends otherwise, over cleartext alone: what is no preface is answered as
// HTTP/1.1, with 400.
#include "tests/integration/gateway/http2_conformance.h"

namespace arasta::gateway {
namespace {

using Http2FramesTest = Http2ConformanceTest;

TEST_F(Http2FramesTest, FramesHaveASizeAndAType) {
  // 16,384 bytes: a message with one unknown field that fills the rest.
  const std::string largest = GrpcFrame("\x0a\xf8\x7f" + std::string(16376, '\0'));
  ExpectAll({
      {"UnknownType", Frame(kUnknownType, 0, 0, "12345678") + Call(1), Fate::kServed},
      {"UnknownTypeOnAStream",
       Headers(1, CallFields()) + Frame(kUnknownType, 0xff, 1, "1") + Data(1, GrpcFrame("")), Fate::kServed},
      {"UnknownFlags", Frame(NGHTTP2_PING, 0xf6, 0, "12345678") + Call(1), Fate::kServed},
      {"ReservedBit", Ping(0x80000000) + Call(1), Fate::kServed},
      {"LargestData", Headers(1, CallFields()) + Data(1, largest), Fate::kServed},
      {"DataTooLarge", Headers(1, CallFields()) + Data(1, largest + "x"), Fate::kGoaway,
       NGHTTP2_FRAME_SIZE_ERROR},
      {"HeadersTooLarge", Headers(1, std::string(16385, '\x82')), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"PriorityTooShort", Frame(NGHTTP2_PRIORITY, 0, 1, "1234"), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"ResetTooShort", Headers(1, CallFields()) + Frame(NGHTTP2_RST_STREAM, 0, 1, "123"), Fate::kGoaway,
       NGHTTP2_FRAME_SIZE_ERROR},
      {"SettingsNotSixes", Settings("123"), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"SettingsAckWithPayload", Frame(NGHTTP2_SETTINGS, kAck, 0, Setting(1, 1)), Fate::kGoaway,
       NGHTTP2_FRAME_SIZE_ERROR},
      {"PingTooShort", Frame(NGHTTP2_PING, 0, 0, "1234567"), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"PingTooLong", Frame(NGHTTP2_PING, 0, 0, "123456789"), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"CreditTooShort", Frame(NGHTTP2_WINDOW_UPDATE, 0, 0, "123"), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"CreditTooLong", Frame(NGHTTP2_WINDOW_UPDATE, 0, 0, "12345"), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"GoawayTooShort", Frame(NGHTTP2_GOAWAY, 0, 0, "1234"), Fate::kGoaway, NGHTTP2_FRAME_SIZE_ERROR},
      {"EmptySettings", Settings("") + Call(1), Fate::kServed},
      {"EmptyData", Headers(1, CallFields()) + Data(1, "", 0) + Data(1, GrpcFrame("")), Fate::kServed},
      {"SeveralData",
       Headers(1, CallFields()) + Data(1, std::string(2, '\0'), 0) + Data(1, std::string(3, '\0')),
       Fate::kServed},
  });
}

TEST_F(Http2FramesTest, FramesBelongToStreamsOrToTheConnection) {
  const std::string open = Headers(1, CallFields());
  ExpectAll({
      {"DataOfTheConnection", Data(0, "x"), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"HeadersOfTheConnection", Headers(0, CallFields()), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"PriorityOfTheConnection", Priority(0), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"ResetOfTheConnection", Reset(0), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"ContinuationOfTheConnection", Headers(1, CallFields(), 0) + Continuation(0, ""), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"SettingsOfAStream", open + Frame(NGHTTP2_SETTINGS, 0, 1, Setting(3, 100)), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"PingOfAStream", open + Ping(1), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"GoawayOfAStream", open + Frame(NGHTTP2_GOAWAY, 0, 1, Number(0) + Number(0)), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"PushFromAClient", open + Frame(NGHTTP2_PUSH_PROMISE, kEndHeaders, 1, Number(2) + CallFields()),
       Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"NumberOfAServer", Call(2), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"NumberThatWasSkipped", Call(1) + Call(9) + Call(5), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"NumbersWithGaps", Call(1) + Call(5) + Call(51), Fate::kServed},
  });
}

TEST_F(Http2FramesTest, StreamsHaveAState) {
  const std::string open = Headers(1, CallFields());
  ExpectAll({
      {"DataWhileIdle", Data(1, "x"), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"ResetWhileIdle", Reset(1), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"CreditWhileIdle", Credit(1, 10), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"ContinuationWhileIdle", Continuation(1, CallFields()), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"PriorityWhileIdle", Priority(1) + Call(1), Fate::kServed},
      {"PriorityOfALaterOne", Priority(7) + Call(1), Fate::kServed},
      {"PriorityThatDependsOnItself", Priority(7, 7), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"DataAfterTheEnd", Watch(1) + Data(1, "x"), Fate::kGoaway, NGHTTP2_STREAM_CLOSED},
      {"HeadersAfterTheEnd", Watch(1) + Headers(1, CallFields(), kEndHeaders | kEndStream), Fate::kGoaway,
       NGHTTP2_STREAM_CLOSED},
      {"ContinuationAfterTheEnd", Watch(1) + Continuation(1, CallFields()), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"CreditAfterTheEnd", Call(1) + Credit(1, 10), Fate::kServed},
      {"PriorityAfterTheEnd", Call(1) + Priority(1), Fate::kServed},
      {"ResetAfterTheEnd", Watch(1) + Reset(1), Fate::kIgnored},
      {"DataAfterAReset", open + Reset(1) + Data(1, "x"), Fate::kGoaway, NGHTTP2_STREAM_CLOSED},
      {"HeadersAfterAReset", open + Reset(1) + open, Fate::kGoaway, NGHTTP2_STREAM_CLOSED},
      {"ContinuationAfterAReset", open + Reset(1) + Continuation(1, ""), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"DataWhenClosed", Call(1), Fate::kGoaway, NGHTTP2_STREAM_CLOSED, Data(1, "x")},
      {"EmptyDataWhenClosed", Call(1), Fate::kGoaway, NGHTTP2_STREAM_CLOSED, Data(1, "", 0)},
      {"HeadersWhenClosed", Call(1), Fate::kGoaway, NGHTTP2_STREAM_CLOSED, Headers(1, CallFields())},
      {"ContinuationWhenClosed", Call(1), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR, Continuation(1, "")},
      {"PriorityWhenClosed", Call(1), Fate::kServed, 0, Priority(1)},
      {"CreditWhenClosed", Call(1), Fate::kServed, 0, Credit(1, 10)},
      {"ResetWhenClosed", Call(1), Fate::kServed, 0, Reset(1)},
      {"UnknownResetCode", Watch(1) + Frame(NGHTTP2_RST_STREAM, 0, 1, Number(0xff)), Fate::kIgnored},
  });
}

TEST_F(Http2FramesTest, HeadsAreOnePiece) {
  const std::string fields = CallFields();
  const std::string begun = Headers(1, fields.substr(0, 20), 0);
  const std::string rest = fields.substr(20);
  const std::string body = Data(1, GrpcFrame(""));
  ExpectAll({
      {"Continued", begun + Continuation(1, rest) + body, Fate::kServed},
      {"ContinuedTwice",
       begun + Continuation(1, rest.substr(0, 9), 0) + Continuation(1, rest.substr(9)) + body, Fate::kServed},
      {"ContinuedByNothing", begun + Continuation(1, rest, 0) + Continuation(1, "") + body, Fate::kServed},
      {"BegunByNothing", Headers(1, "", 0) + Continuation(1, fields) + body, Fate::kServed},
      {"DataWithin", begun + body, Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"HeadersWithin", begun + Headers(1, rest), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"HeadersOfAnotherWithin", begun + Headers(3, fields), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"PriorityWithin", begun + Priority(1), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"PingWithin", begun + Ping(), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"SettingsWithin", begun + Settings(""), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"UnknownTypeWithin", begun + Frame(kUnknownType, 0, 0, "x"), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"ContinuationOfAnother", begun + Continuation(3, rest), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"ContinuationAfterAWhole", Headers(1, fields) + Continuation(1, rest), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"ContinuationAfterTheLast", begun + Continuation(1, rest) + Continuation(1, ""), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"ContinuationAfterData", Headers(1, fields) + Data(1, "", 0) + Continuation(1, ""), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
  });
}

TEST_F(Http2FramesTest, PaddingIsWithinTheFrame) {
  const std::string fields = CallFields();
  const std::string body = GrpcFrame("");
  ExpectAll({
      {"Data", Headers(1, fields) + Data(1, absl::StrCat("\x02", body, "xx"), kPadded | kEndStream),
       Fate::kServed},
      {"DataTooLong",
       Headers(1, fields) + Data(1,
                                 "\x06"
                                 "12345",
                                 kPadded),
       Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"DataWithoutLength", Headers(1, fields) + Data(1, "", kPadded), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"Headers", Headers(1, absl::StrCat("\x02", fields, "xx"), kPadded | kEndHeaders) + Data(1, body),
       Fate::kServed},
      {"HeadersTooLong",
       Headers(1,
               "\x06"
               "12345",
               kPadded | kEndHeaders),
       Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"HeadersWithPriority",
       Headers(1, absl::StrCat(Number(0), "\x10", fields), NGHTTP2_FLAG_PRIORITY | kEndHeaders) +
           Data(1, body),
       Fate::kServed},
      {"HeadersThatDependOnThemselves",
       Headers(1, absl::StrCat(Number(1), "\x10", fields), NGHTTP2_FLAG_PRIORITY | kEndHeaders),
       Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
  });
}

TEST_F(Http2FramesTest, SettingsAreChecked) {
  ExpectAll({
      {"PushOfTwo", Settings(Setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 2)), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"WindowTooLarge", Settings(Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x80000000)), Fate::kGoaway,
       NGHTTP2_FLOW_CONTROL_ERROR},
      {"FramesTooSmall", Settings(Setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16383)), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"FramesTooLarge", Settings(Setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 1 << 24)), Fate::kGoaway,
       NGHTTP2_PROTOCOL_ERROR},
      {"Unknown", Settings(Setting(0xff, 1)) + Call(1), Fate::kServed},
      {"NoTable", Settings(Setting(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0)) + Call(1), Fate::kServed},
      {"HugeTable", Settings(Setting(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0xffffffff)) + Call(1),
       Fate::kServed},
      {"LastOfSeveral",
       Settings(Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0) +
                Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000)) +
           Call(1),
       Fate::kServed},
  });
  RawHttp2 client(port());
  client.Send(Settings("") + Settings(Setting(0xff, 1)));
  EXPECT_TRUE(client.Until([&] { return client.settings_answers() == 3; }));
}

TEST_F(Http2FramesTest, PingsAreAnsweredOnce) {
  RawHttp2 client(port());
  client.Send(Frame(NGHTTP2_PING, kAck, 0, "12345678") + Ping());
  ExpectServed(client);
  EXPECT_EQ(client.ping_answers(), 1);
}

TEST_F(Http2FramesTest, WindowsAreCounted) {
  const std::string most = Credit(0, 0x7fffffff);
  const std::string open = Headers(1, CallFields());
  ExpectAll({
      {"CreditOfNothing", Credit(0, 0), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"CreditOfNothingForAStream", open + Credit(1, 0), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR},
      {"Overflow", most + most, Fate::kGoaway, NGHTTP2_FLOW_CONTROL_ERROR},
      {"OverflowOfAStream", open + Credit(1, 0x7fffffff) + Credit(1, 0x7fffffff), Fate::kReset,
       NGHTTP2_FLOW_CONTROL_ERROR},
      {"OverflowBySettings",
       open + Credit(1, 0x7fff0000) + Settings(Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x7fffffff)),
       Fate::kReset, NGHTTP2_FLOW_CONTROL_ERROR},
  });
  // Five bytes of answer, one at a time, and a window that is less than nothing.
  RawHttp2 client(port());
  client.Send(Settings(Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 2)) + Call(1));
  EXPECT_TRUE(client.Until([&] { return client.answer(1).body.size() == 2; }));
  client.Send(Settings(Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0)) + Credit(1, 3));
  EXPECT_TRUE(client.Until([&] { return client.answer(1).body.size() == 3; }));
  client.Send(Settings(Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1)));
  EXPECT_TRUE(client.Until([&] { return client.answer(1).body.size() == 4; }));
  client.Send(Credit(1, 1));
  EXPECT_TRUE(client.Until([&] { return client.answer(1).ended; }));
}

TEST_F(Http2FramesTest, BeginsWithSettings) {
  for (const std::string& first : {Ping(), Call(1), Frame(NGHTTP2_SETTINGS, kAck, 0)}) {
    RawHttp2 client(port(), /*greet=*/false);
    client.Send(absl::StrCat(NGHTTP2_CLIENT_MAGIC, first));
    EXPECT_TRUE(client.UntilClosed());
    EXPECT_EQ(client.goaway().value_or(999), static_cast<uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  }
}

// The client says that it will begin no more calls; those that run are answered.
TEST_F(Http2FramesTest, AnswersWhatRunsAfterTheClientsGoaway) {
  RawHttp2 client(port());
  client.Send(Call(1) + Frame(NGHTTP2_GOAWAY, 0, 0, Number(0) + Number(0xff)));
  EXPECT_TRUE(client.UntilClosed());
  EXPECT_EQ(client.answer(1).Field("grpc-status"), "0");
}

class FewStreamsTest : public Http2ConformanceTest {
 protected:
  void Adjust(GatewayConfig& config) override { config.limits.max_streams = 2; }
};

TEST_F(FewStreamsTest, RefuseOneMore) {
  ExpectAll({{"WithoutKnowing", Watch(3) + Watch(5) + Watch(1), Fate::kGoaway, NGHTTP2_PROTOCOL_ERROR}});
  RawHttp2 client(port());
  client.Send(Watch(1) + Watch(3) + Watch(5));
  EXPECT_TRUE(client.Until([&] { return client.answer(5).reset.has_value(); }));
  EXPECT_EQ(client.answer(5).reset, NGHTTP2_REFUSED_STREAM);
  client.Send(Reset(1));
  ExpectServed(client);
}

}  // namespace
}  // namespace arasta::gateway
