#include "services/gateway/json/json_mapping.h"

#include "services/gateway/json/json_to_wire.h"
#include "services/gateway/json/message_plan.h"
#include "services/gateway/json/wire_to_json.h"

namespace arasta::gateway {
namespace {

// JSON is about that many times its wire bytes; a guess that saves growing.
constexpr size_t kJsonPerWire = 3;

const FieldPlan& PlanOf(const MessagePlans& plans, const google::protobuf::FieldDescriptor& field) {
  return *plans.Of(*field.containing_type()).Find(static_cast<uint32_t>(field.number()));
}

}  // namespace

JsonMapping::JsonMapping(const google::protobuf::DescriptorPool& pool, UnknownFields unknown_fields)
    : plans_(std::make_unique<MessagePlans>(pool)),
      refuse_unknown_(unknown_fields == UnknownFields::kRefuse) {}

JsonMapping::~JsonMapping() = default;

absl::Status JsonMapping::ToWire(const google::protobuf::Descriptor& type, absl::string_view json,
                                 std::string& wire) const {
  return JsonToWire(*plans_, refuse_unknown_, json, wire).Convert(plans_->Of(type));
}

absl::Status JsonMapping::ToJson(const google::protobuf::Descriptor& type, absl::string_view wire,
                                 std::string& json) const {
  return WireToJson(*plans_, kJsonPerWire * wire.size(), json).Convert(plans_->Of(type), wire);
}

absl::Status JsonMapping::FieldToWire(const google::protobuf::FieldDescriptor& field, absl::string_view json,
                                      std::string& wire) const {
  return JsonToWire(*plans_, refuse_unknown_, json, wire).Convert(PlanOf(*plans_, field));
}

absl::Status JsonMapping::FieldToJson(const google::protobuf::FieldDescriptor& field, absl::string_view wire,
                                      std::string& json) const {
  return WireToJson(*plans_, kJsonPerWire * wire.size(), json)
      .Convert(plans_->Of(*field.containing_type()), PlanOf(*plans_, field), wire);
}

absl::Status JsonMapping::TextToWire(const google::protobuf::FieldDescriptor& field, absl::string_view text,
                                     std::string& wire) const {
  return JsonToWire::ConvertText(*plans_, PlanOf(*plans_, field), text, wire);
}

}  // namespace arasta::gateway
