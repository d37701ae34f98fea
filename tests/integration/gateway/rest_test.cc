// REST through the gateway to a real gRPC server, over HTTP/1.1 and HTTP/2.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "arasta/testing/v1/rest_service.grpc.pb.h"
#include "services/gateway/gateway.h"
#include "tests/integration/gateway/built_files.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/support/eventually.h"
#include "tests/support/gzip.h"

namespace arasta::gateway {
namespace {

using arasta::testing::v1::Everything;
using arasta::testing::v1::Picture;
using google::api::HttpBody;
using Json = nlohmann::json;
using ::testing::HasSubstr;

// Gives back what it was asked. The name "gone" is NOT_FOUND, "slow" waits for the end. WatchThings tells as
// many as int32_value says, and fails afterwards where bool_value is set.
class Things final : public arasta::testing::v1::RestService::Service {
 public:
  grpc::Status GetThing(grpc::ServerContext* context, const Everything* request,
                        Everything* response) override {
    if (request->string_value() == "things/slow") WaitForTheEnd(context);
    if (request->string_value() == "things/gone") return {grpc::StatusCode::NOT_FOUND, "it is gone"};
    context->AddInitialMetadata("x-shelf", "3");
    context->AddTrailingMetadata("x-cost", "2");
    *response = *request;
    return grpc::Status::OK;
  }
  grpc::Status CreateThing(grpc::ServerContext*, const Everything* request, Everything* response) override {
    *response = *request;
    return grpc::Status::OK;
  }
  grpc::Status WatchThings(grpc::ServerContext* context, const Everything* request,
                           grpc::ServerWriter<Everything>* writer) override {
    for (int i = 1; i <= request->int32_value(); ++i) {
      Everything thing;
      thing.set_int32_value(i);
      thing.set_string_value(std::string(request->uint32_value(), 'x'));
      if (!writer->Write(thing)) return grpc::Status::CANCELLED;
    }
    if (request->bool_value()) return {grpc::StatusCode::ABORTED, "enough"};
    if (request->string_value() == "slow") WaitForTheEnd(context);
    return grpc::Status::OK;
  }

  grpc::Status PutPicture(grpc::ServerContext*, const Picture* request, Picture* response) override {
    *response = *request;
    return grpc::Status::OK;
  }
  // Byte by byte. What begins with "!" fails in the end.
  grpc::Status Copy(grpc::ServerContext*, const HttpBody* request,
                    grpc::ServerWriter<HttpBody>* writer) override {
    for (const char byte : request->data()) {
      HttpBody piece;
      piece.set_content_type(request->content_type());
      piece.set_data(std::string(1, byte));
      if (!writer->Write(piece)) return grpc::Status::CANCELLED;
    }
    return request->data()[0] == '!' ? grpc::Status(grpc::StatusCode::ABORTED, "enough") : grpc::Status::OK;
  }
  // With the number of them.
  grpc::Status UploadThings(grpc::ServerContext*, grpc::ServerReader<Everything>* reader,
                            Everything* response) override {
    int count = 0;
    while (reader->Read(response)) ++count;
    response->set_uint32_value(static_cast<uint32_t>(count));
    return grpc::Status::OK;
  }

  std::atomic<bool> cancelled = false;

 private:
  void WaitForTheEnd(grpc::ServerContext* context) {
    cancelled = arasta::testing::Eventually([&] { return context->IsCancelled(); });
  }
};

// By HTTP/1.1 or HTTP/2.
class RestTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    int backend_port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &backend_port);
    builder.RegisterService(&things_);
    server_ = builder.BuildAndStart();
    GatewayConfig config;
    config.workers = 1;
    config.descriptors = {kTestDescriptors};
    config.backends = {{"things", {absl::StrCat("127.0.0.1:", backend_port)}, false, "things"}};
    config.routes = {{"/arasta.testing.v1.RestService/", "things"}};
    config.cors.origins = {"https://shop.example"};
    config.access_log = false;
    gateway_ = std::make_unique<Gateway>(std::move(config));
    const absl::Status started = gateway_->Start();
    ASSERT_TRUE(started.ok()) << started;
    ASSERT_TRUE(arasta::testing::Eventually([&] { return gateway_->Ready().ok(); }));
  }
  void TearDown() override { server_->Shutdown(std::chrono::system_clock::now()); }

  HttpResponse Ask(const std::string& method, const std::string& path, const std::string& body = "",
                   std::vector<std::string> fields = {}) {
    if (!body.empty()) fields.push_back("content-type: application/json");
    return Fetch(
        {absl::StrCat("http://", gateway_->address(), path), method, std::move(fields), body, GetParam()});
  }

  Things things_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Gateway> gateway_;
};

INSTANTIATE_TEST_SUITE_P(Http, RestTest, ::testing::Values(false, true),
                         [](const auto& param) { return param.param ? "Two" : "One"; });

TEST_P(RestTest, GetsWhatPathAndQueryName) {
  const HttpResponse answer = Ask("GET", "/v1/things/tea?int32Value=3&strings=a&strings=b");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Json::parse(answer.body),
            (Json{{"stringValue", "things/tea"}, {"int32Value", 3}, {"strings", {"a", "b"}}}));
  EXPECT_EQ(answer.Field("content-type"), "application/json");
  EXPECT_EQ(answer.Field("content-length"), absl::StrCat(answer.body.size()));
  EXPECT_EQ(answer.Field("x-shelf"), "3");
  EXPECT_EQ(answer.Field("x-cost"), "2");
  EXPECT_NE(answer.Field("x-request-id"), "");
}

TEST_P(RestTest, AnswersHeadAsGetButForTheBody) {
  const HttpResponse get = Ask("GET", "/v1/things/tea");
  const HttpResponse head = Ask("HEAD", "/v1/things/tea");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.Field("content-length"), get.Field("content-length"));
}

TEST_P(RestTest, TellsABackendsErrorAsJson) {
  const HttpResponse answer = Ask("GET", "/v1/things/gone", "", {"origin: https://shop.example"});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(Json::parse(answer.body),
            (Json{{"code", 5}, {"message", "it is gone"}, {"details", Json::array()}}));
  EXPECT_EQ(answer.Field("access-control-allow-origin"), "https://shop.example");
}

TEST_P(RestTest, TellsItsOwnErrorsAsJson) {
  const HttpResponse field = Ask("GET", "/v1/things/tea?colr=1");
  EXPECT_EQ(field.status, 400);
  EXPECT_THAT(field.body, HasSubstr(R"({"field":"colr")"));
  const HttpResponse token = Ask("GET", "/v1/parts/tea");
  EXPECT_EQ(token.status, 401);
  EXPECT_EQ(token.Field("www-authenticate"), R"(Bearer realm="api")");
  EXPECT_THAT(token.body, HasSubstr("TOKEN_REQUIRED"));
  const HttpResponse method = Ask("DELETE", "/v1/things");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.Field("allow"), "POST, REPORT");
  const HttpResponse path = Ask("GET", "/v1/nothing", "", {"origin: https://shop.example"});
  EXPECT_EQ(path.status, 404);
  EXPECT_EQ(Json::parse(path.body)["code"], 5);
  EXPECT_EQ(path.Field("access-control-allow-origin"), "https://shop.example");
  const HttpResponse deadline = Ask("GET", "/v1/things/tea", "", {"grpc-timeout: soon"});
  EXPECT_EQ(deadline.status, 400);
}

TEST_P(RestTest, RefusesBodiesOfOtherTypes) {
  const HttpResponse answer = Fetch({absl::StrCat("http://", gateway_->address(), "/v1/things"),
                                     "POST",
                                     {"content-type: text/plain"},
                                     "{}",
                                     GetParam()});
  EXPECT_EQ(answer.status, 415);
}

TEST_P(RestTest, EndsACallAtTheClientsDeadline) {
  const HttpResponse answer = Ask("GET", "/v1/things/slow", "", {"grpc-timeout: 50m"});
  EXPECT_EQ(answer.status, 504);
  EXPECT_TRUE(arasta::testing::Eventually([&] { return things_.cancelled.load(); }));
}

TEST_P(RestTest, AllowsAPagesPreflightOfEveryMethod) {
  const HttpResponse answer = Ask("OPTIONS", "/v1/things/tea", "",
                                  {"origin: https://shop.example", "access-control-request-method: PATCH"});
  EXPECT_EQ(answer.status, 204);
  EXPECT_THAT(answer.Field("access-control-allow-methods"), HasSubstr("PATCH"));
}

TEST_P(RestTest, ShowsItsReference) {
  const HttpResponse document = Ask("GET", "/openapi.json");
  EXPECT_EQ(document.status, 200);
  EXPECT_EQ(Json::parse(document.body)["openapi"], "3.1.0");
  EXPECT_GT(document.body.size(), 20'000u) << "larger than the pieces that it is sent in";
  EXPECT_EQ(document.Field("content-length"), absl::StrCat(document.body.size()));
  const HttpResponse page = Ask("GET", "/docs?of=everything");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.Field("content-security-policy"), HasSubstr("script-src 'sha256-"));
  EXPECT_THAT(page.body, HasSubstr("</html>"));
  const HttpResponse head = Ask("HEAD", "/docs");
  EXPECT_EQ(head.Field("content-length"), page.Field("content-length"));
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(Ask("POST", "/docs").status, 404);
}

TEST_P(RestTest, TakesBodiesOfEveryShape) {
  EXPECT_EQ(Json::parse(Ask("POST", "/v1/things", R"({"nested": {"number": 2}})").body),
            (Json{{"nested", {{"number", 2}}}}));
  EXPECT_EQ(Json::parse(Ask("PATCH", "/v1/things/tea?int32Value=1", R"({"number": 2})").body),
            (Json{{"int32Value", 1}, {"nested", {{"number", 2}, {"textValue", "things/tea"}}}}));
  EXPECT_EQ(Json::parse(Ask("POST", "/v1/numbers", "[1, 2]").body),
            (Json{{"nested", {{"numbers", {1, 2}}}}}));
  EXPECT_EQ(Ask("POST", "/v1/things").body, "{}");
  const HttpResponse bad = Ask("POST", "/v1/things", R"({"nesteds": [{"number": "many"}]})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr(R"({"field":"nesteds[0].number")"));
  EXPECT_EQ(Ask("POST", "/v1/things", absl::StrCat(R"({"stringValue": ")", std::string(5 << 20, 'x'), "\"}"))
                .status,
            413);
}

TEST_P(RestTest, InflatesABody) {
  const HttpResponse answer =
      Ask("POST", "/v1/things", arasta::testing::Gzip(R"({"int32Value": 3})"), {"content-encoding: gzip"});
  EXPECT_EQ(answer.body, R"({"int32Value":3})");
  EXPECT_EQ(Ask("POST", "/v1/things", "{}", {"content-encoding: br"}).status, 415);
}

TEST_P(RestTest, CarriesBodiesThatAreNoJson) {
  const auto send = [&](const std::string& method, const std::string& path, const std::string& body) {
    return Fetch({absl::StrCat("http://", gateway_->address(), path),
                  method,
                  {"content-type: image/png"},
                  body,
                  GetParam()});
  };
  std::string bytes(300'000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  const HttpResponse picture = send("PUT", "/v1/pictures/cat", bytes);
  EXPECT_EQ(picture.status, 200);
  EXPECT_EQ(picture.Field("content-type"), "image/png");
  EXPECT_TRUE(picture.body == bytes);
  const HttpResponse copy = send("POST", "/v1/copies", "{\"a");
  EXPECT_EQ(copy.Field("content-type"), "image/png");
  EXPECT_EQ(copy.body, "{\"a");
  EXPECT_FALSE(copy.broken);
  EXPECT_TRUE(send("POST", "/v1/copies", "!").broken) << "an error can't be told among what is no JSON";
}

TEST_P(RestTest, TakesALineForAMessageOfAnUpload) {
  std::string lines;
  for (int i = 1; i <= 2000; ++i) absl::StrAppend(&lines, "{\"int32Value\":", i, "}\n");
  const HttpResponse answer = Fetch({absl::StrCat("http://", gateway_->address(), "/v1/piles/tea:upload"),
                                     "POST",
                                     {"content-type: application/x-ndjson"},
                                     lines,
                                     GetParam()});
  EXPECT_EQ(Json::parse(answer.body),
            (Json{{"int32Value", 2000}, {"uint32Value", 2000}, {"stringValue", "piles/tea"}}));
  const HttpResponse bad = Fetch({absl::StrCat("http://", gateway_->address(), "/v1/piles/tea:upload"),
                                  "POST",
                                  {"content-type: application/x-ndjson"},
                                  "{}\n{\n",
                                  GetParam()});
  EXPECT_EQ(bad.status, 400);
}

TEST_P(RestTest, StreamsInTheFormThatIsAccepted) {
  const std::string path = "/v1/things:watch?int32Value=2";
  EXPECT_EQ(Ask("GET", path).body, R"([{"int32Value":1},{"int32Value":2}])");
  EXPECT_EQ(Ask("GET", path, "", {"accept: application/x-ndjson"}).body,
            "{\"int32Value\":1}\n{\"int32Value\":2}\n");
  const HttpResponse events = Ask("GET", path, "", {"accept: text/event-stream"});
  EXPECT_EQ(events.Field("content-type"), "text/event-stream");
  EXPECT_EQ(events.body, "data: {\"int32Value\":1}\n\ndata: {\"int32Value\":2}\n\nevent: end\ndata: {}\n\n");
  EXPECT_EQ(Ask("GET", "/v1/things:watch").body, "[]");
}

TEST_P(RestTest, KeepsTheHttpStatusOfAStreamThatFailsAtOnceAndTellsALaterErrorLast) {
  const HttpResponse at_once = Ask("GET", "/v1/things:watch?boolValue=true");
  EXPECT_EQ(at_once.status, 409);
  EXPECT_EQ(Json::parse(at_once.body)["message"], "enough");
  const HttpResponse later = Ask("GET", "/v1/things:watch?boolValue=true&int32Value=1");
  EXPECT_EQ(later.status, 200);
  EXPECT_EQ(Json::parse(later.body)[1]["error"]["code"], 10);
}

TEST_P(RestTest, StreamsMoreThanAnyWindow) {
  const HttpResponse answer = Ask("GET", "/v1/things:watch?int32Value=200&uint32Value=10000");
  const Json things = Json::parse(answer.body);
  ASSERT_EQ(things.size(), 200u);
  EXPECT_EQ(things[199]["int32Value"], 200);
}

TEST_P(RestTest, TellsTheBackendThatAStreamsClientHasGone) {
  HttpRequest request{
      absl::StrCat("http://", gateway_->address(), "/v1/things:watch?int32Value=1&stringValue=slow"),
      "GET",
      {},
      "",
      GetParam()};
  request.on_body = [](const std::string&) { return false; };
  EXPECT_TRUE(Fetch(request).broken);
  EXPECT_TRUE(arasta::testing::Eventually([&] { return things_.cancelled.load(); }));
}

}  // namespace
}  // namespace arasta::gateway
