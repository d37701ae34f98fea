// Bytes that are not the message they should be: the answer is typed and names what it can.
#include <grpcpp/generic/generic_stub.h>

#include "common/rpc/status.h"
#include "google/rpc/error_details.pb.h"
#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::StatusIs;

class MalformedTest : public EchoTest {
 protected:
  void SetUp() override { Start(); }

  // Sends `bytes` as the request of Echo.
  absl::Status Send(const std::string& bytes) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::CompletionQueue queue;
    grpc::GenericStub stub(channel_->grpc());
    const auto reader =
        stub.PrepareUnaryCall(&context, "/arasta.testing.v1.EchoService/Echo", request, &queue);
    grpc::ByteBuffer response;
    grpc::Status status;
    reader->StartCall();
    reader->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    return FromGrpc(status);
  }

  static std::string FieldOf(const absl::Status& status) {
    google::rpc::BadRequest details;
    const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
    if (!payload.has_value() || !details.ParseFromString(std::string(*payload))) return "";
    return details.field_violations_size() == 1 ? details.field_violations(0).field() : "";
  }
};

TEST_F(MalformedTest, NamesTheRequestWhereItIsNoMessage) {
  for (const std::string& bytes : {std::string(4, '\xff'), std::string("{\"text\": \"tea\"}")}) {
    const absl::Status status = Send(bytes);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                 "request: is not a valid arasta.testing.v1.EchoRequest"));
    EXPECT_THAT(status, HasReason("MALFORMED"));
    EXPECT_EQ(FieldOf(status), "request");
  }
}

TEST_F(MalformedTest, NamesTheStringThatIsNotUtf8) {
  // Field 1, text, and field 3, secret, of one byte each.
  EXPECT_EQ(FieldOf(Send("\x0a\x01\xff")), "text");
  const absl::Status status = Send("\x0a\x01t\x1a\x01\xff");
  EXPECT_EQ(FieldOf(status), "secret");
  EXPECT_THAT(status, HasReason("MALFORMED"));
  // Field 5, inner, and field 6, others: messages of one string each.
  EXPECT_EQ(FieldOf(Send("\x2a\x03\x0a\x01\xff")), "inner.text");
  EXPECT_EQ(FieldOf(Send("\x32\x03\x0a\x01t\x32\x03\x0a\x01\xff")), "others[1].text");
}

}  // namespace
}  // namespace arasta::rpc
