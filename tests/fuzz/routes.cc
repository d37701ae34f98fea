// Contracts of services that nobody here has seen: a descriptor set in text form, the routes that are built
// of it, and what the gateway tells of them by OpenAPI, by grpc.reflection and in JSON.
#include "services/gateway/routes.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/gateway/rest/rest_request.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

using Reflection = reflection::Reflection;

class NoErrors final : public google::protobuf::io::ErrorCollector {
  void AddError(int, int, const std::string&) override {}
};

void CheckJson(const gateway::RouteTable& table, const google::protobuf::Descriptor& type) {
  for (const absl::string_view wire : {"", "\x08\x01\x12\x01z", "\x0a\x02\x08\x01"}) {
    std::string json;
    if (!table.json().ToJson(type, wire, json).ok()) continue;
    Require(nlohmann::json::accept(json), "messages are told as JSON");
  }
  for (const absl::string_view json : {"{}", "[]", "1", "\"1s\"", R"({"a":[{"a":1}]})"}) {
    std::string wire;
    (void)table.json().ToWire(type, json, wire);
  }
}

void CheckRules(const gateway::RouteTable& table) {
  for (const gateway::RestBinding& binding : table.rest().bindings()) {
    const std::string path = absl::StrReplaceAll(binding.path, {{"*", "a"}});
    const gateway::PathMatch match = table.rest().Find(binding.http_method, path);
    if (!match.rule || &table.rest().bindings()[*match.rule] != &binding) continue;
    std::string wire;
    (void)gateway::ParametersToWire(binding, match.variables, "a=1&b.c=2", table.json(), wire);
    if (binding.body != gateway::RestBinding::Body::kNone)
      (void)gateway::BodyToWire(binding, "{}", table.json(), wire);
  }
}

void Ask(const gateway::Method& reflection, const Reflection::Request& request) {
  Reflection::Response response;
  Require(response.ParseFromString(reflection.answer_here(request.SerializeAsString())), "it is answered");
  Require(response.message_response_case() != Reflection::Response::MESSAGE_RESPONSE_NOT_SET,
          "with something");
}

// Every name that the gateway told is asked for.
void CheckReflection(gateway::RouteTable& table, absl::string_view text) {
  table.AddReflection(10'000);
  const gateway::Method* method = table.Find("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  if (method == nullptr || !method->answer_here) return;  // the set has its own, or something else
  (void)method->answer_here(text.substr(0, 100));
  Reflection::Request request;
  request.set_list_services("");
  Reflection::Response services;
  services.ParseFromString(method->answer_here(request.SerializeAsString()));
  for (const auto& service : services.list_services_response().service()) {
    request.set_file_containing_symbol(service.name());
    Ask(*method, request);
  }
  for (const auto& served : table.methods()) {
    request.set_all_extension_numbers_of_type(served->descriptor->input_type()->full_name());
    Ask(*method, request);
    request.mutable_file_containing_extension()->set_containing_type(
        served->descriptor->output_type()->full_name());
    request.mutable_file_containing_extension()->set_extension_number(1000);
    Ask(*method, request);
    request.set_file_by_filename(served->descriptor->file()->name());
    Ask(*method, request);
  }
}

void Serve(const google::protobuf::FileDescriptorSet& files, absl::string_view text) {
  const gateway::Route route{"/", "shop", options::v1::Access::PUBLIC};
  auto table = gateway::RouteTable::Build(files, {route}, {"shop"}, 10'000);
  if (!table.ok()) return Require(absl::IsInvalidArgument(table.status()), "what is wrong is wrong with it");
  for (const auto& method : table->methods()) {
    CheckJson(*table, *method->descriptor->input_type());
    CheckJson(*table, *method->descriptor->output_type());
  }
  CheckRules(*table);
  const gateway::Page* openapi = table->pages().Find("/openapi.json");
  Require(nlohmann::json::accept(openapi->body), "OpenAPI is JSON");
  for (size_t i = 0; i < std::min<size_t>(table->methods().size(), 3); ++i) {
    const std::string path = table->methods()[i]->path;
    (void)table->AddWebhook({absl::StrCat("hook", i), path}, {route}, {"shop"}, 10'000);
  }
  CheckReflection(*table, text);
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  static const google::protobuf::LogSilencer silence;
  fuzz::Input input(data, size);
  google::protobuf::TextFormat::Parser parser;
  fuzz::NoErrors errors;
  parser.RecordErrorsTo(&errors);
  google::protobuf::FileDescriptorSet files;
  if (parser.ParseFromString(std::string(input.rest()), &files)) fuzz::Serve(files, input.rest());
  return 0;
}
