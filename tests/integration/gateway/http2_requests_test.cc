// Which requests RFC 9113 calls malformed, and RFC 7541's compression of their heads.
#include "tests/integration/gateway/http2_conformance.h"

namespace arasta::gateway {
namespace {

using Http2RequestsTest = Http2ConformanceTest;

// A call of these fields more, or of no others.
std::string CallWith(absl::string_view fields) {
  return Headers(1, absl::StrCat(CallFields(), fields)) + Data(1, GrpcFrame(""));
}
std::string HeadOf(std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields) {
  return Headers(1, Fields(fields)) + Data(1, GrpcFrame(""));
}
// HPACK bytes in place of a field.
std::string Block(absl::string_view hpack) {
  return Headers(1, absl::StrCat(CallFields(), hpack)) + Data(1, GrpcFrame(""));
}

TEST_F(Http2RequestsTest, RequestsAreWellFormed) {
  const std::string body = Data(1, GrpcFrame(""));
  const std::string open = Headers(1, CallFields());
  const uint32_t wrong = NGHTTP2_PROTOCOL_ERROR;
  const std::string path = "/grpc.testing.TestService/EmptyCall";
  ExpectAll({
      {"Trailers",
       open + Data(1, GrpcFrame(""), 0) + Headers(1, Fields({{"x", "y"}}), kEndHeaders | kEndStream),
       Fate::kServed},
      {"TrailersWithoutTheEnd", open + Data(1, GrpcFrame(""), 0) + Headers(1, Fields({{"x", "y"}})),
       Fate::kReset, wrong},
      {"PseudoTrailers",
       open + Data(1, GrpcFrame(""), 0) + Headers(1, Fields({{":method", "POST"}}), kEndHeaders | kEndStream),
       Fate::kReset, wrong},
      {"NameInCapitals", CallWith(Fields({{"X-Test", "1"}})), Fate::kReset, wrong},
      {"NameEmpty", CallWith(Fields({{"", "1"}})), Fate::kReset, wrong},
      {"NameWithSpace", CallWith(Fields({{"x y", "1"}})), Fate::kReset, wrong},
      {"NameWithColon", CallWith(Fields({{"x:y", "1"}})), Fate::kReset, wrong},
      {"ValueWithReturn", CallWith(Fields({{"x", "1\r2"}})), Fate::kReset, wrong},
      {"ValueWithLineFeed", CallWith(Fields({{"x", "1\n2"}})), Fate::kReset, wrong},
      {"ValueWithNul",
       CallWith(Fields({{"x", absl::string_view("1\0"
                                                "2",
                                                3)}})),
       Fate::kReset, wrong},
      // Not RFC 9113's, but gRPC's: its libraries send them and servers take them.
      {"ValueWithSpaceFirst", CallWith(Fields({{"x", " 1"}})), Fate::kServed},
      {"ValueWithSpaceLast", CallWith(Fields({{"x", "1 "}})), Fate::kServed},
      {"UnknownPseudoField", CallWith(Fields({{":test", "ok"}})), Fate::kReset, wrong},
      {"PseudoFieldOfAnswers",
       HeadOf({{":status", "200"}, {":method", "POST"}, {":scheme", "http"}, {":path", path}}), Fate::kReset,
       wrong},
      {"PseudoFieldAfterOthers",
       HeadOf({{":method", "POST"}, {":scheme", "http"}, {"te", "trailers"}, {":path", path}}), Fate::kReset,
       wrong},
      {"Connection", CallWith(Fields({{"connection", "keep-alive"}})), Fate::kReset, wrong},
      {"KeepAlive", CallWith(Fields({{"keep-alive", "1"}})), Fate::kReset, wrong},
      {"Upgrade", CallWith(Fields({{"upgrade", "h2c"}})), Fate::kReset, wrong},
      {"TransferEncoding", CallWith(Fields({{"transfer-encoding", "chunked"}})), Fate::kReset, wrong},
      {"TeOfMore", CallWith(Fields({{"te", "trailers, deflate"}})), Fate::kReset, wrong},
      {"NoMethod", HeadOf({{":scheme", "http"}, {":authority", "a"}, {":path", path}}), Fate::kReset, wrong},
      {"NoScheme", HeadOf({{":method", "POST"}, {":authority", "a"}, {":path", path}}), Fate::kReset, wrong},
      {"NoPath", HeadOf({{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}}), Fate::kReset,
       wrong},
      {"PathEmpty", HeadOf({{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", ""}}),
       Fate::kReset, wrong},
      {"MethodTwice", CallWith(Fields({{":method", "POST"}})), Fate::kReset, wrong},
      {"SchemeTwice",
       HeadOf({{":scheme", "http"}, {":scheme", "http"}, {":method", "POST"}, {":path", path}}), Fate::kReset,
       wrong},
      {"PathTwice", HeadOf({{":path", path}, {":path", path}, {":scheme", "http"}, {":method", "POST"}}),
       Fate::kReset, wrong},
      {"AuthorityTwice",
       HeadOf({{":authority", "a"},
               {":authority", "b"},
               {":path", path},
               {":scheme", "http"},
               {":method", "POST"}}),
       Fate::kReset, wrong},
      {"ConnectWithPath",
       HeadOf({{":method", "CONNECT"}, {":scheme", "http"}, {":authority", "a"}, {":path", path}}),
       Fate::kReset, wrong},
      {"LengthTooShort", CallWith(Fields({{"content-length", "4"}})), Fate::kReset, wrong},
      {"LengthTooLong", CallWith(Fields({{"content-length", "6"}})), Fate::kReset, wrong},
      {"LengthOverSeveral",
       Headers(1, CallFields() + Fields({{"content-length", "5"}})) + Data(1, GrpcFrame(""), 0) +
           Data(1, "x"),
       Fate::kReset, wrong},
      {"LengthWithoutBody",
       Headers(1, CallFields() + Fields({{"content-length", "5"}}), kEndHeaders | kEndStream), Fate::kReset,
       wrong},
      {"LengthTwice", CallWith(Fields({{"content-length", "5"}, {"content-length", "5"}})), Fate::kReset,
       wrong},
      {"LengthNoNumber", CallWith(Fields({{"content-length", "-1"}})), Fate::kReset, wrong},
      {"LengthRight", CallWith(Fields({{"content-length", "5"}})), Fate::kServed},
  });
}

TEST_F(Http2RequestsTest, HeadsAreCompressedAsHpackSays) {
  const std::string name = "x-a";
  const std::string path = "/grpc.testing.TestService/EmptyCall";
  const std::string path_text = absl::StrCat(std::string(1, static_cast<char>(path.size())), path);
  // POST and http by index, the path by the index of its name, a type that enters the table, one that never
  // does.
  const std::string indexed = absl::StrCat("\x83\x86\x04", path_text,
                                           "\x41\x01"
                                           "a",
                                           "\x5f\x10"
                                           "application/grpc",
                                           "\x10\x02"
                                           "te\x08trailers");
  const uint32_t wrong = NGHTTP2_COMPRESSION_ERROR;
  ExpectAll({
      {"EveryForm", Headers(1, indexed) + Data(1, GrpcFrame("")), Fate::kServed},
      {"FromTheTable", Headers(3, indexed) + Data(3, GrpcFrame("")), Fate::kIgnored, 0},
      {"TableShrunk", Headers(1, "\x20" + indexed) + Data(1, GrpcFrame("")), Fate::kServed},
      {"TableShrunkAndGrown", Headers(1, "\x20\x3f\xe1\x1f" + indexed) + Data(1, GrpcFrame("")),
       Fate::kServed},
      {"Huffman", Block(std::string("\x00\x03x-a\x81\x1f", 7)), Fate::kServed},
      {"IndexZero", Block("\x80"), Fate::kGoaway, wrong},
      {"IndexBeyondTheTable", Block("\xc6"), Fate::kGoaway, wrong},
      {"NameBeyondTheTable",
       Block("\x7f\x07\x01"
             "a"),
       Fate::kGoaway, wrong},
      {"NumberWithoutEnd", Block("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), Fate::kGoaway, wrong},
      {"TableChangedTooLate", Block("\x20"), Fate::kGoaway, wrong},
      {"TableTooLarge", Headers(1, "\x3f\xe2\x1f" + indexed), Fate::kGoaway, wrong},
      {"HuffmanPaddedByZeros", Block(std::string("\x00\x03x-a\x81\x18", 7)), Fate::kGoaway, wrong},
      {"HuffmanPaddedTooLong", Block(std::string("\x00\x03x-a\x82\x1f\xff", 8)), Fate::kGoaway, wrong},
      {"HuffmanWithItsEnd", Block(std::string("\x00\x03x-a\x84\xff\xff\xff\xff", 10)), Fate::kGoaway, wrong},
      {"TextBeyondTheBlock",
       Block(std::string("\x00\x03x-a\x7e"
                         "abc",
                         9)),
       Fate::kGoaway, wrong},
      {"FieldCutOff", Block(std::string("\x00\x03x-a", 5)), Fate::kGoaway, wrong},
  });
}

}  // namespace
}  // namespace arasta::gateway
