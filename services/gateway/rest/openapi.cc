#include "services/gateway/rest/openapi.h"

#include <google/rpc/code.pb.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/rest/openapi_schemas.h"

namespace arasta::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using options::v1::Access;

// Whose fields a query is told to have. Messages that hold each other hold more than there is room for.
constexpr int kMostMessages = 1000;

// Up to the end of the first sentence.
std::string Summary(const std::string& comment) {
  for (size_t i = 0; i < comment.size(); ++i) {
    const bool ends = comment[i] == '.' || comment[i] == ':' || comment[i] == ';';
    if (ends && (i + 1 == comment.size() || absl::ascii_isspace(static_cast<unsigned char>(comment[i + 1]))))
      return comment.substr(0, i);
  }
  return comment;
}

// "products" holds a "product".
std::string Singular(absl::string_view plural) {
  if (absl::EndsWith(plural, "ies")) return absl::StrCat(plural.substr(0, plural.size() - 3), "y");
  if (absl::EndsWith(plural, "s")) plural.remove_suffix(1);
  return std::string(plural);
}

// Every code that the comment speaks of, with the HTTP status it comes as. No handler returns CANCELLED: the
// word is of something else.
std::map<int, std::string> ErrorsIn(const std::string& comment) {
  std::map<int, std::string> errors;
  for (const std::string& word :
       std::vector<std::string>(absl::StrSplit(comment, absl::ByAnyChar(" \n.,:;()"), absl::SkipEmpty()))) {
    google::rpc::Code code;
    if (!google::rpc::Code_Parse(word, &code) || code == google::rpc::OK || code == google::rpc::CANCELLED)
      continue;
    std::string& names = errors[HttpStatusOf(static_cast<absl::StatusCode>(code))];
    if (!absl::StrContains(names, word)) absl::StrAppend(&names, names.empty() ? "" : ", ", word);
  }
  return errors;
}

bool HasWordFor(absl::string_view http_method) {
  constexpr std::array<absl::string_view, 6> kMethods = {"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"};
  return std::find(kMethods.begin(), kMethods.end(), http_method) != kMethods.end();
}

// One operation: a rule's HTTP method and path.
class Operation {
 public:
  Operation(const RestBinding& binding, OpenApiSchemas& schemas)
      : binding_(binding),
        method_(*binding.method->descriptor),
        comment_(CommentOf(method_)),
        schemas_(schemas) {
    WritePath();
    AddQuery(*method_.input_type(), {});
  }

  // With a parameter for each part that varies.
  const std::string& path() const { return path_; }

  OrderedJson Write(const std::string& id) {
    OrderedJson operation = {{"tags", {method_.service()->name()}},
                             {"summary", Summary(comment_)},
                             {"description", comment_},
                             {"operationId", id}};
    if (!parameters_.empty()) operation["parameters"] = std::move(parameters_);
    if (binding_.body != RestBinding::Body::kNone) operation["requestBody"] = Body();
    operation["responses"] = Responses();
    operation["security"] = Security();
    return operation;
  }

 private:
  void WritePath() {
    const PathTemplate& path = binding_.path_template;
    for (size_t i = 0; i < path.segments.size(); ++i) {
      const PathTemplate::Segment& segment = path.segments[i];
      const bool literal = segment.kind == PathTemplate::Kind::kLiteral;
      absl::StrAppend(&path_, "/", literal ? segment.literal : absl::StrCat("{", AddPathParameter(i), "}"));
    }
    if (path_.empty()) path_.push_back('/');
    if (!path.verb.empty()) absl::StrAppend(&path_, ":", path.verb);
  }

  // Returns the name of the parameter for a segment that varies.
  std::string AddPathParameter(size_t segment) {
    const PathTemplate& path = binding_.path_template;
    const FieldDescriptor* field = nullptr;
    bool whole = false;  // the segment is all that the field holds
    for (size_t i = 0; i < path.variables.size(); ++i) {
      if (segment < path.variables[i].begin || segment >= path.variables[i].end) continue;
      field = binding_.variables[i].back();
      whole = path.variables[i].end - path.variables[i].begin == 1;
    }
    const bool after_literal = segment > 0 && path.segments[segment - 1].kind == PathTemplate::Kind::kLiteral;
    std::string name = whole           ? field->json_name()
                       : after_literal ? Singular(path.segments[segment - 1].literal)
                                       : absl::StrCat("segment", segment);
    while (!path_names_.insert(name).second) name += "_";
    OrderedJson parameter = {{"name", name}, {"in", "path"}, {"required", true}};
    if (field != nullptr && !CommentOf(*field).empty()) parameter["description"] = CommentOf(*field);
    parameter["schema"] = whole ? schemas_.OfParameter(*field) : OrderedJson{{"type", "string"}};
    parameters_.push_back(std::move(parameter));
    return name;
  }

  void AddQuery(const Descriptor& type, const FieldPath& within) {
    if (binding_.body == RestBinding::Body::kWhole || messages_left_-- <= 0) return;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      FieldPath path = within;
      path.push_back(&field);
      const bool in_path =
          std::find(binding_.variables.begin(), binding_.variables.end(), path) != binding_.variables.end();
      if (in_path || path == binding_.body_field) continue;
      if (FitsInText(field)) {
        AddQueryParameter(path);
      } else if (MayLookInto(field, within)) {
        AddQuery(*field.message_type(), path);
      }
    }
  }

  static bool MayLookInto(const FieldDescriptor& field, const FieldPath& within) {
    const bool again = std::any_of(within.begin(), within.end(), [&](const FieldDescriptor* outer) {
      return outer->message_type() == field.message_type();
    });
    return !again && field.type() == FieldDescriptor::TYPE_MESSAGE && !field.is_repeated() &&
           !absl::StartsWith(field.message_type()->full_name(), "google.protobuf.");
  }

  void AddQueryParameter(const FieldPath& path) {
    std::string name;
    for (const FieldDescriptor* field : path) {
      absl::StrAppend(&name, name.empty() ? "" : ".", field->json_name());
    }
    const FieldDescriptor& field = *path.back();
    OrderedJson parameter = {{"name", name}, {"in", "query"}};
    if (path.size() == 1 && IsRequired(field)) parameter["required"] = true;
    if (const std::string text = DescriptionOf(field); !text.empty()) parameter["description"] = text;
    parameter["schema"] = schemas_.OfParameter(field);
    parameters_.push_back(std::move(parameter));
  }

  OrderedJson Body() {
    OrderedJson schema;
    if (binding_.body == RestBinding::Body::kField) {
      schema = schemas_.OfField(*binding_.body_field.back());
    } else if (binding_.variables.empty()) {
      schema = schemas_.Of(*method_.input_type());
    } else {
      std::set<const FieldDescriptor*> in_path;
      for (const FieldPath& variable : binding_.variables) in_path.insert(variable.front());
      schema = schemas_.Whole(*method_.input_type(), in_path);
    }
    OrderedJson content = {{"application/json", {{"schema", schema}}}};
    if (method_.client_streaming()) content["application/x-ndjson"] = content["application/json"];
    if (binding_.raw_request) content = kAnyContent;
    return {{"required", true}, {"content", content}};
  }

  OrderedJson Responses() {
    const OrderedJson schema = binding_.response_body != nullptr ? schemas_.OfField(*binding_.response_body)
                                                                 : schemas_.Of(*method_.output_type());
    OrderedJson content = {{"application/json", {{"schema", schema}}}};
    if (method_.server_streaming()) {
      content = {{"application/json", {{"schema", {{"type", "array"}, {"items", schema}}}}},
                 {"application/x-ndjson", {{"schema", schema}}},
                 {"text/event-stream", {{"schema", schema}}}};
    }
    if (binding_.raw_answer) content = kAnyContent;
    OrderedJson responses = {{"200", {{"description", "OK"}, {"content", content}}}};
    for (const auto& [http_status, names] : Errors()) {
      responses[absl::StrCat(http_status)] = {
          {"description", names}, {"content", {{"application/json", {{"schema", kErrorReference}}}}}};
    }
    responses["default"] = {{"$ref", "#/components/responses/Error"}};
    return responses;
  }

  std::map<int, std::string> Errors() const {
    std::map<int, std::string> errors = ErrorsIn(comment_);
    const Access::Who who = binding_.method->who;
    if (method_.input_type()->field_count() > 0) errors.emplace(400, "INVALID_ARGUMENT");
    if (who != Access::PUBLIC) errors.emplace(401, "UNAUTHENTICATED");
    if (who == Access::STAFF || who == Access::USER) errors.emplace(403, "PERMISSION_DENIED");
    errors.emplace(429, "RESOURCE_EXHAUSTED");
    return errors;
  }

  OrderedJson Security() const {
    OrderedJson roles = OrderedJson::array();
    if (!binding_.method->permission.empty()) roles.push_back(binding_.method->permission);
    OrderedJson schemes = OrderedJson::array();
    if (binding_.method->who == Access::PUBLIC) schemes.push_back(OrderedJson::object());
    schemes.push_back(OrderedJson{{SchemeOf(binding_.method->who), roles}});
    return schemes;
  }

  static const char* SchemeOf(Access::Who who) {
    return who == Access::STAFF ? "staff" : who == Access::USER ? "user" : "guest";
  }

  // Of bodies that are themselves.
  inline static const OrderedJson kAnyContent = {{"*/*", OrderedJson::object()}};
  inline static const OrderedJson kErrorReference = {{"$ref", "#/components/schemas/google.rpc.Status"}};

  const RestBinding& binding_;
  const MethodDescriptor& method_;
  const std::string comment_;
  OpenApiSchemas& schemas_;
  std::string path_;
  std::set<std::string> path_names_;
  int messages_left_ = kMostMessages;
  OrderedJson parameters_ = OrderedJson::array();
};

OrderedJson ErrorSchema() {
  return {{"type", "object"},
          {"description",
           "An error. Clients branch on the reason of the google.rpc.ErrorInfo among the details; a "
           "google.rpc.BadRequest names the fields, a google.rpc.RetryInfo how long to wait."},
          {"properties",
           {{"code", {{"type", "integer"}, {"format", "int32"}, {"description", "A google.rpc.Code."}}},
            {"message", {{"type", "string"}, {"description", "For developers."}}},
            {"details",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"properties", {{"@type", {{"type", "string"}}}}},
                {"required", OrderedJson::array({"@type"})}}}}}}},
          {"required", {"code", "message", "details"}}};
}

OrderedJson SecuritySchemes() {
  const auto bearer = [](const char* whose) {
    return OrderedJson{
        {"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}, {"description", whose}};
  };
  return {{"guest", bearer("The access token of a guest or a user.")},
          {"user", bearer("The access token of a user.")},
          {"staff", bearer("The access token of a user with the permission named.")}};
}

}  // namespace

std::string OpenApi(const RouteTable& routes) {
  OpenApiSchemas schemas;
  for (const RestBinding& binding : routes.rest().bindings()) {
    schemas.NoteAnswer(*binding.method->descriptor->output_type());
  }
  OrderedJson tags = OrderedJson::array();
  OrderedJson paths = OrderedJson::object();
  std::set<const google::protobuf::ServiceDescriptor*> services;
  std::map<std::string, int> ids;
  for (const RestBinding& binding : routes.rest().bindings()) {
    if (!HasWordFor(binding.http_method)) continue;
    const MethodDescriptor& method = *binding.method->descriptor;
    if (services.insert(method.service()).second)
      tags.push_back({{"name", method.service()->name()}, {"description", CommentOf(*method.service())}});
    std::string id = absl::StrCat(method.service()->name(), "_", method.name());
    if (const int count = ++ids[id]; count > 1) absl::StrAppend(&id, "_", count);
    Operation operation(binding, schemas);
    paths[operation.path()][absl::AsciiStrToLower(binding.http_method)] = operation.Write(id);
  }
  OrderedJson components = {{"schemas", schemas.all()}, {"securitySchemes", SecuritySchemes()}};
  components["schemas"]["google.rpc.Status"] = ErrorSchema();
  components["responses"]["Error"] = {
      {"description", "An error"},
      {"content",
       {{"application/json", {{"schema", {{"$ref", "#/components/schemas/google.rpc.Status"}}}}}}}};
  const OrderedJson document = {{"openapi", "3.1.0"},
                                {"info", {{"title", "Arasta"}, {"version", "v1"}}},
                                {"servers", OrderedJson::array({{{"url", "/"}}})},
                                {"tags", tags},
                                {"paths", paths},
                                {"components", components}};
  // Comments are in whatever encoding their author had.
  return document.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace arasta::gateway
