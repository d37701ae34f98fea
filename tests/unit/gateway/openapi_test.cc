// The OpenAPI document: of every kind of field, and of the shop's own contracts.
#include "services/gateway/rest/openapi.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/support/rest_table.h"

namespace arasta::gateway {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

const Json& Things() {
  static const auto& document = *new Json(Json::parse(OpenApi(arasta::testing::RestTable())));
  return document;
}

const Json& Shop() {
  static const auto& document = *[] {
    const auto contracts = ReadDescriptors(GATEWAY_CONTRACTS);
    EXPECT_TRUE(contracts.ok());
    const auto table = RouteTable::Build(*contracts, {{"/arasta.", "shop"}}, {"shop"}, 1000);
    EXPECT_TRUE(table.ok()) << table.status();
    return new Json(Json::parse(OpenApi(*table)));
  }();
  return document;
}

// Of a contract in text form.
Json DocumentOf(const std::string& file) {
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(file, &files)) << file;
  const auto table = RouteTable::Build(files, {{"/", "any", options::v1::Access::PUBLIC}}, {"any"}, 1000);
  EXPECT_TRUE(table.ok()) << table.status();
  return Json::parse(OpenApi(*table));
}

const Json& Field(const std::string& name) {
  return Things()["components"]["schemas"]["arasta.testing.v1.Everything"]["properties"][name];
}

Json Parameter(const Json& operation, const std::string& name) {
  for (const Json& parameter : operation.value("parameters", Json::array())) {
    if (parameter["name"] == name) return parameter;
  }
  return nullptr;
}

TEST(OpenApiTest, HasASchemaForEveryKindOfField) {
  EXPECT_EQ(Field("int32Value"), (Json{{"type", "integer"}, {"format", "int32"}}));
  EXPECT_EQ(Field("sfixed64Value"), (Json{{"type", "string"}, {"format", "int64"}}));
  EXPECT_EQ(Field("doubleValue"), (Json{{"type", "number"}, {"format", "double"}}));
  EXPECT_EQ(Field("boolValue"), (Json{{"type", "boolean"}}));
  EXPECT_EQ(Field("bytesValue"), (Json{{"type", "string"}, {"contentEncoding", "base64"}}));
  EXPECT_EQ(Field("colour"), (Json{{"$ref", "#/components/schemas/arasta.testing.v1.Colour"}}));
  EXPECT_EQ(Field("nested"), (Json{{"$ref", "#/components/schemas/arasta.testing.v1.Everything.Nested"}}));
  EXPECT_EQ(Field("strings"), (Json{{"type", "array"}, {"items", {{"type", "string"}}}}));
  EXPECT_EQ(Field("int64Map"),
            (Json{{"type", "object"}, {"additionalProperties", {{"type", "string"}, {"format", "int64"}}}}));
  EXPECT_EQ(Field("timestamp"), (Json{{"type", "string"}, {"format", "date-time"}}));
  EXPECT_EQ(Field("int32Wrapper"), (Json{{"type", Json::array({"integer", "null"})}, {"format", "int32"}}));
  EXPECT_EQ(Field("struct"), (Json{{"type", "object"}}));
  EXPECT_EQ(Field("value"), Json::object());
  EXPECT_EQ(Field("any")["required"], Json::array({"@type"}));
  EXPECT_EQ(Field("nullValue"), (Json{{"type", "null"}}));
  EXPECT_EQ(Field("otherName"), (Json{{"type", "string"}}));
}

TEST(OpenApiTest, NamesTheParametersOfPathsAndQueries) {
  const Json& paths = Things()["paths"];
  const Json& get = paths["/v1/things/{thing}"]["get"];
  EXPECT_EQ(Parameter(get, "thing")["in"], "path");
  EXPECT_EQ(Parameter(get, "stringValue"), nullptr);
  EXPECT_EQ(Parameter(get, "int32s")["schema"]["type"], "array");
  EXPECT_EQ(Parameter(get, "nested.inner.number"), nullptr) << "a message within itself";
  EXPECT_EQ(Parameter(get, "nested.number")["in"], "query");
  EXPECT_EQ(Parameter(get, "nesteds"), nullptr);
  EXPECT_EQ(Parameter(get, "stringMap"), nullptr);
  EXPECT_EQ(Parameter(get, "timestamp")["schema"]["format"], "date-time");
  const Json& remove = paths["/v1/things/{thing}"]["delete"];
  EXPECT_EQ(Parameter(remove, "version")["required"], true);
  EXPECT_EQ(Parameter(remove, "version")["description"], "Required. At least 1.");
  EXPECT_TRUE(paths["/v1/typed/{int32Value}/{boolValue}/{colour}/{timestamp}"].contains("get"));
  EXPECT_FALSE(paths["/v1/things"].contains("report"));
}

TEST(OpenApiTest, TellsBodiesAndAnswers) {
  const Json& paths = Things()["paths"];
  const Json reference = {{"$ref", "#/components/schemas/arasta.testing.v1.Everything"}};
  const auto body = [&](const char* path, const char* verb) {
    return paths[path][verb]["requestBody"]["content"]["application/json"]["schema"];
  };
  EXPECT_EQ(body("/v1/things", "post"), reference);
  EXPECT_FALSE(body("/v1/things/{thing}", "put")["properties"].contains("stringValue"));
  EXPECT_EQ(body("/v1/numbers", "post")["type"], "array");
  EXPECT_FALSE(paths["/v1/things/{thing}"]["get"].contains("requestBody"));
  EXPECT_EQ(Parameter(paths["/v1/things"]["post"], "int32Value"), nullptr);
  EXPECT_EQ(Parameter(paths["/v1/things/{thing}"]["patch"], "nested.number"), nullptr);
  const Json& watch = paths["/v1/things:watch"]["get"]["responses"]["200"]["content"];
  EXPECT_EQ(watch["application/json"]["schema"]["items"], reference);
  EXPECT_EQ(watch["text/event-stream"]["schema"], reference);
  EXPECT_EQ(
      paths["/v1/parts/{stringValue}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"],
      (Json{{"$ref", "#/components/schemas/arasta.testing.v1.Everything.Nested"}}));
}

TEST(OpenApiTest, TellsBodiesThatAreNoJson) {
  const Json& picture = Things()["paths"]["/v1/pictures/{picture}"]["put"];
  const Json any = {{"*/*", Json::object()}};
  EXPECT_EQ(picture["requestBody"]["content"], any);
  EXPECT_EQ(picture["responses"]["200"]["content"], any);
  EXPECT_EQ(Things()["paths"]["/v1/copies"]["post"]["responses"]["200"]["content"], any);
  const Json& upload = Things()["paths"]["/v1/piles/{pile}:upload"]["post"]["requestBody"]["content"];
  EXPECT_EQ(upload["application/x-ndjson"], upload["application/json"]);
}

TEST(OpenApiTest, SaysWhoMayCall) {
  const Json& paths = Things()["paths"];
  EXPECT_EQ(paths["/v1/things/{thing}"]["get"]["security"][0], Json::object());
  EXPECT_EQ(paths["/v1/things/{thing}"]["delete"]["security"], Json::array({{{"staff", {"things.write"}}}}));
  EXPECT_EQ(paths["/v1/parts/{stringValue}"]["get"]["security"], Json::array({{{"guest", Json::array()}}}));
  EXPECT_TRUE(paths["/v1/parts/{stringValue}"]["get"]["responses"].contains("401"));
}

TEST(OpenApiTest, GivesEveryOperationANameOfItsOwn) {
  std::set<std::string> ids;
  for (const auto& [path, verbs] : Things()["paths"].items()) {
    for (const auto& [verb, operation] : verbs.items()) {
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << path;
    }
  }
  EXPECT_EQ(ids.count("RestService_GetThing"), 1u);
  EXPECT_EQ(ids.count("RestService_GetThing_2"), 1u);
}

TEST(OpenApiTest, TakesCommentsAndBoundsFromTheShopsContracts) {
  const Json& get = Shop()["paths"]["/v1/products/{product}"]["get"];
  EXPECT_EQ(get["summary"], "Gets a product by its id or its slug");
  EXPECT_THAT(get["description"].get<std::string>(), HasSubstr("VERSION_NOT_REACHED"));
  EXPECT_EQ(get["tags"], Json::array({"CatalogService"}));
  EXPECT_EQ(get["responses"]["404"]["description"], "NOT_FOUND");
  EXPECT_EQ(get["responses"]["409"]["description"], "ABORTED");
  const Json channel = Parameter(get, "channel");
  EXPECT_EQ(channel["description"], "Whose prices to show. Empty means \"web\".");
  EXPECT_EQ(channel["schema"]["maxLength"], 30);
  const Json& place = Shop()["components"]["schemas"]["arasta.order.v1.PlaceOrderRequest"];
  EXPECT_THAT(place["required"], ::testing::Contains("requestId"));
  EXPECT_THAT(place["properties"]["requestId"]["description"].get<std::string>(), HasSubstr("Required."));
  EXPECT_FALSE(Shop()["components"]["schemas"]["arasta.catalog.v1.Product"].contains("required"))
      << "answers leave out what is not set";
  bool described = false;
  for (const Json& tag : Shop()["tags"])
    described = described || tag["description"] == "Reads products and categories.";
  EXPECT_TRUE(described);
}

// protoc takes comments in any encoding.
TEST(OpenApiTest, ReplacesWhatIsNotUtf8) {
  const Json document = DocumentOf(R"pb(
    file {
      name: "cafe.proto"
      message_type { name: "None" }
      service {
        name: "Cafe"
        method {
          name: "Open"
          input_type: "None"
          output_type: "None"
          options {
            [google.api.http] { get: "/v1/cafe" }
          }
        }
      }
      source_code_info { location { path: 6 path: 0 span: 1 span: 1 span: 1 leading_comments: "A caf\351." } }
    }
  )pb");
  EXPECT_EQ(document["tags"][0]["description"], "A caf\xef\xbf\xbd.");
}

// Of n messages that all hold each other there are more than n! fields.
TEST(OpenApiTest, NamesNoMoreParametersThanAnybodyReads) {
  constexpr int kTypes = 20;
  std::string types;
  for (int i = 0; i < kTypes; ++i) {
    absl::StrAppend(&types, "message_type { name: 'M", i,
                    "' field { name: 'v' number: 99 type: TYPE_INT32 }");
    for (int j = 0; j < kTypes; ++j) {
      absl::StrAppend(&types, "field { name: 'm", j, "' number: ", j + 1, " type: TYPE_MESSAGE type_name: 'M",
                      j, "' }");
    }
    types += "}";
  }
  const Json document =
      DocumentOf(absl::StrCat("file { name: 'all.proto' ", types,
                              "service { name: 'S' method { name: 'M' input_type: 'M0' output_type: 'M0' "
                              "options { [google.api.http] { get: '/v1/all' } } } } }"));
  const size_t parameters = document["paths"]["/v1/all"]["get"]["parameters"].size();
  EXPECT_GT(parameters, kTypes);
  EXPECT_LE(parameters, 1000u);
}

TEST(OpenApiTest, RefersToNothingThatIsNotThere) {
  for (const Json* document : {&Things(), &Shop()}) {
    const std::string text = document->dump();
    const std::string mark = "\"$ref\":\"#";
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
      const size_t begin = at + mark.size();
      const std::string pointer = text.substr(begin, text.find('"', begin) - begin);
      EXPECT_TRUE(document->contains(Json::json_pointer(pointer))) << pointer;
    }
  }
}

}  // namespace
}  // namespace arasta::gateway
