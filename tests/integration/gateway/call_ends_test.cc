// How calls end before their answer does: the client goes away, or the time is up. The backend is told, and
// so is the client in its own protocol.
#include <gmock/gmock.h>

#include <memory>
#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/base64_decoder.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/raw_client.h"

namespace arasta::gateway {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(5);

enum class Protocol { kGrpc, kGrpcWeb, kGrpcWebText, kGrpcWebOverHttp1 };
enum class When { kBeforeTheFirstMessage, kAfterTheFirstMessage };
enum class Leaving { kReset, kClose };

struct Call {
  std::string path;
  std::string body;
};

// A call that hangs, before or after it has answered something.
Call HangingCall(When when) {
  if (when == When::kBeforeTheFirstMessage) return {"/grpc.testing.TestService/UnaryCall", GrpcFrame("")};
  grpc::testing::StreamingOutputCallRequest request;
  request.add_response_parameters()->set_size(10);
  return {"/grpc.testing.TestService/StreamingOutputCall", GrpcFrame(request.SerializeAsString())};
}

std::string TypeOf(Protocol protocol) {
  switch (protocol) {
    case Protocol::kGrpc:
      return "application/grpc";
    case Protocol::kGrpcWebText:
      return "application/grpc-web-text";
    default:
      return "application/grpc-web";
  }
}

std::string NameOf(Protocol protocol) {
  return protocol == Protocol::kGrpc          ? "Grpc"
         : protocol == Protocol::kGrpcWeb     ? "GrpcWeb"
         : protocol == Protocol::kGrpcWebText ? "GrpcWebText"
                                              : "GrpcWebOverHttp1";
}
std::string NameOf(When when) {
  return when == When::kBeforeTheFirstMessage ? "BeforeTheFirstMessage" : "AfterTheFirstMessage";
}

class CallEndsTest : public GatewayTest {
 protected:
  // Text mode takes base64.
  static std::string BodyOf(Protocol protocol, const std::string& frame) {
    return protocol == Protocol::kGrpcWebText ? absl::Base64Escape(frame) : frame;
  }
  int32_t Send(Http2Client& client, Protocol protocol, const Call& call, Http2Client::Fields fields) {
    fields.emplace_back("content-type", TypeOf(protocol));
    fields.emplace_back("x-hang", "1");
    return client.Send(call.path, BodyOf(protocol, call.body), fields);
  }
};

class CancelTest : public CallEndsTest,
                   public ::testing::WithParamInterface<std::tuple<Protocol, When, Leaving>> {
 protected:
  void ExpectTold(absl::Time since) {
    EXPECT_TRUE(service().cancelled.WaitForNotificationWithTimeout(kPatience));
    const absl::Duration taken = absl::Now() - since;
    RecordProperty("cancel_ms", static_cast<int>(absl::ToInt64Milliseconds(taken)));
    EXPECT_LT(taken, absl::Milliseconds(500));
  }
};

TEST_P(CancelTest, IsToldToTheBackend) {
  const auto [protocol, when, leaving] = GetParam();
  const Call call = HangingCall(when);
  if (protocol == Protocol::kGrpcWebOverHttp1) {
    auto client = std::make_unique<RawClient>(port());
    client->Send(Post(call.path, call.body, "x-hang: 1\r\n"));
    if (when == When::kAfterTheFirstMessage) client->ReadUntil("yyyyyyyyyy");
    ASSERT_TRUE(service().hanging.WaitForNotificationWithTimeout(kPatience));
    const absl::Time before = absl::Now();
    client.reset();
    return ExpectTold(before);
  }
  auto client = std::make_unique<Http2Client>(port());
  const int32_t id = Send(*client, protocol, call, {});
  if (when == When::kAfterTheFirstMessage) client->Until([&] { return !client->answer(id).body.empty(); });
  ASSERT_TRUE(service().hanging.WaitForNotificationWithTimeout(kPatience));
  const absl::Time before = absl::Now();
  if (leaving == Leaving::kReset) {
    client->Reset(id);
  } else {
    client.reset();
  }
  ExpectTold(before);
}

std::string CancelName(const ::testing::TestParamInfo<CancelTest::ParamType>& info) {
  const auto [protocol, when, leaving] = info.param;
  return absl::StrCat(NameOf(protocol), NameOf(when), leaving == Leaving::kReset ? "ByReset" : "ByClosing");
}

const auto kWhens = ::testing::Values(When::kBeforeTheFirstMessage, When::kAfterTheFirstMessage);
INSTANTIATE_TEST_SUITE_P(Http2, CancelTest,
                         ::testing::Combine(::testing::Values(Protocol::kGrpc, Protocol::kGrpcWeb,
                                                              Protocol::kGrpcWebText),
                                            kWhens, ::testing::Values(Leaving::kReset, Leaving::kClose)),
                         CancelName);
INSTANTIATE_TEST_SUITE_P(Http1, CancelTest,
                         ::testing::Combine(::testing::Values(Protocol::kGrpcWebOverHttp1), kWhens,
                                            ::testing::Values(Leaving::kClose)),
                         CancelName);

class DeadlineTest : public CallEndsTest, public ::testing::WithParamInterface<std::tuple<Protocol, When>> {};

// Of a client that has no clock of its own.
TEST_P(DeadlineTest, IsToldToBothSides) {
  const auto [protocol, when] = GetParam();
  const Call call = HangingCall(when);
  const absl::Time before = absl::Now();
  std::string end;
  if (protocol == Protocol::kGrpcWebOverHttp1) {
    RawClient client(port());
    client.Send(Post(call.path, call.body, "x-hang: 1\r\ngrpc-timeout: 200m\r\n"));
    end = client.ReadUntil(kLastChunk);
  } else {
    Http2Client client(port());
    const Http2Answer& answer = client.Await(Send(client, protocol, call, {{"grpc-timeout", "200m"}}));
    end =
        protocol == Protocol::kGrpc ? absl::StrCat("grpc-status:", answer.Field("grpc-status")) : answer.body;
  }
  const absl::Duration taken = absl::Now() - before;
  RecordProperty("deadline_ms", static_cast<int>(absl::ToInt64Milliseconds(taken)));
  if (protocol == Protocol::kGrpcWebText) {
    // Padded pieces, one a flush; the trailers are the last.
    std::string decoded;
    EXPECT_TRUE(Base64Decoder().Decode(end, decoded));
    end = decoded;
  }
  EXPECT_THAT(end, HasSubstr("grpc-status:4"));
  // A loop reads its clock once a turn, so a call may seem to be that much older.
  EXPECT_GE(taken, absl::Milliseconds(190));
  EXPECT_LT(taken, absl::Seconds(2));
  EXPECT_TRUE(service().cancelled.WaitForNotificationWithTimeout(kPatience));
}

INSTANTIATE_TEST_SUITE_P(
    Everywhere, DeadlineTest,
    ::testing::Combine(::testing::Values(Protocol::kGrpc, Protocol::kGrpcWeb, Protocol::kGrpcWebText,
                                         Protocol::kGrpcWebOverHttp1),
                       kWhens),
    [](const auto& info) { return NameOf(std::get<0>(info.param)) + NameOf(std::get<1>(info.param)); });

}  // namespace
}  // namespace arasta::gateway
