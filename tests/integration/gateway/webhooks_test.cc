// What other parties post, byte for byte, as a call of an RPC.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "arasta/testing/v1/webhook_service.grpc.pb.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/integration/gateway/raw_client.h"
#include "tests/support/matchers.h"

namespace arasta::gateway {
namespace {

using ::arasta::testing::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr char kTake[] = "/arasta.testing.v1.WebhookService/Take";

// Answers what it was told to.
class Taker final : public arasta::testing::v1::WebhookService::Service {
 public:
  grpc::Status Take(grpc::ServerContext*, const type::v1::HttpRequest* request,
                    google::protobuf::Empty*) override {
    taken = *request;
    return answer;
  }

  type::v1::HttpRequest taken;
  grpc::Status answer;
};

class WebhooksTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &taker_port_);
    builder.RegisterService(&taker_);
    server_ = builder.BuildAndStart();
    AddRoute(config);
    config.webhooks = {{"payments", kTake}};
    config.max_request_bytes = 1 << 20;
    EXPECT_TRUE(ApplyRateLimits("write=3/h:3", config.rates).ok());
  }

  void AddRoute(GatewayConfig& config) const {
    config.backends.push_back({"payments", {absl::StrCat("127.0.0.1:", taker_port_)}, false, "payments"});
    config.routes.push_back({"/arasta.testing.v1.", "payments"});
  }

  HttpResponse Post(const std::string& body, std::vector<std::string> fields = {}, bool http2 = false) {
    return Fetch({.url = absl::StrCat("http://", address(), "/webhooks/payments?source=a%20b"),
                  .fields = std::move(fields),
                  .body = body,
                  .http2 = http2});
  }
  std::vector<std::string> TakenFields() const {
    std::vector<std::string> fields;
    for (const type::v1::HttpField& field : taker_.taken.fields())
      fields.push_back(absl::StrCat(field.name(), ": ", field.value()));
    return fields;
  }

  Taker taker_;
  int taker_port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(WebhooksTest, HandsOverExactlyWhatWasSent) {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body.push_back(static_cast<char>(i * 7));
  for (const bool http2 : {false, true}) {
    const HttpResponse answer =
        Post(body,
             {"content-type: application/json", "Signature: t=1,v1=ab", "signature: second",
              "authorization: Basic cGF5OnNlY3JldA==", "content-encoding: gzip"},
             http2);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(taker_.taken.method(), "POST");
    EXPECT_EQ(taker_.taken.path(), "/webhooks/payments?source=a%20b");
    EXPECT_TRUE(taker_.taken.body() == body);
    const std::vector<std::string> fields = TakenFields();
    EXPECT_THAT(fields, Contains("signature: t=1,v1=ab"));
    EXPECT_THAT(fields, Contains("signature: second"));
    EXPECT_THAT(fields, Contains("authorization: Basic cGF5OnNlY3JldA=="));
    EXPECT_THAT(fields, Contains("content-encoding: gzip"));
    EXPECT_THAT(fields, Contains("content-type: application/json"));
  }
}

TEST_F(WebhooksTest, TakesAnEmptyBodyAndOneInChunks) {
  EXPECT_EQ(Post("").status, 200);
  EXPECT_EQ(taker_.taken.body(), "");
  RawClient client(port());
  client.Send("POST /webhooks/payments HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.Send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), HasSubstr("HTTP/1.1 200"));
  EXPECT_EQ(taker_.taken.body(), "abcde");
}

TEST_F(WebhooksTest, AnswersByStatus) {
  const std::pair<grpc::StatusCode, int> cases[] = {
      {grpc::INVALID_ARGUMENT, 400}, {grpc::PERMISSION_DENIED, 403}, {grpc::INTERNAL, 500}};
  for (const auto& [code, http_status] : cases) {
    taker_.answer = grpc::Status(code, "told to nobody");
    const HttpResponse answer = Post("x");
    EXPECT_EQ(answer.status, http_status);
    EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("told")));
  }
  EXPECT_EQ(Post("x").status, 429) << "the fourth within the hour";
}

TEST_F(WebhooksTest, BoundsTheBody) {
  EXPECT_EQ(Post(std::string((1 << 20) - 2000, 'x')).status, 200);
  EXPECT_EQ(Post(std::string((1 << 20) + 1, 'x')).status, 413);
}

TEST_F(WebhooksTest, KnowsOnlyWhatIsConfigured) {
  const std::string url = absl::StrCat("http://", address());
  EXPECT_EQ(Fetch({.url = url + "/webhooks/others"}).status, 404);
  EXPECT_EQ(Fetch({.url = url + "/webhooks/"}).status, 404);
  const HttpResponse get = Fetch({.url = url + "/webhooks/payments", .method = "GET"});
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.Field("allow"), "POST");
  // The method itself stays internal.
  Http2Client client(port());
  EXPECT_EQ(client.Await(client.Send(kTake, GrpcFrame(""))).Field("grpc-status"), "12");
}

TEST_F(WebhooksTest, DoesNotStartWithOneThatCannotBe) {
  for (const char* method :
       {"/arasta.testing.v1.WebhookService/TakeFromOrder", "/arasta.testing.v1.WebhookService/TakeFromUser",
        "/arasta.testing.v1.WebhookService/TakeNothing", "/arasta.testing.v1.WebhookService/Gone",
        "/elsewhere.v1.Service/Take", "/grpc.testing.TestService/FullDuplexCall"}) {
    GatewayConfig config = ConfigFor(backend_->port());
    AddRoute(config);
    config.webhooks = {{"payments", method}};
    EXPECT_THAT(Gateway(config).Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(method)));
  }
}

}  // namespace
}  // namespace arasta::gateway
