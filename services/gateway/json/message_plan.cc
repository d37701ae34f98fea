#include "services/gateway/json/message_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/gateway/json/json_text.h"

namespace arasta::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr uint32_t kLowNumbers = 256;

bool IsSame(const FieldDescriptor& left, const FieldDescriptor& right) {
  if (left.type() != right.type() || left.is_repeated() != right.is_repeated()) return false;
  if (left.is_map() != right.is_map()) return false;
  return left.message_type() == nullptr || left.is_map() ||
         left.message_type()->full_name() == right.message_type()->full_name();
}

// A contract may come with a file of its own in place of protobuf's: what merely bears a well-known name is a
// message like any other.
bool IsGenuine(const Descriptor& type) {
  const Descriptor* known =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type.full_name());
  if (known == nullptr || known->field_count() != type.field_count()) return false;
  for (int i = 0; i < known->field_count(); ++i) {
    const FieldDescriptor* field = type.FindFieldByNumber(known->field(i)->number());
    if (field == nullptr || !IsSame(*known->field(i), *field)) return false;
  }
  return true;
}

Shape ShapeOf(const Descriptor& type) {
  if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED || !IsGenuine(type))
    return Shape::kMessage;
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_ANY:
      return Shape::kAny;
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return Shape::kFieldMask;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return Shape::kDuration;
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return Shape::kTimestamp;
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return Shape::kValue;
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return Shape::kListValue;
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return Shape::kStruct;
    default:
      return Shape::kWrapper;
  }
}

WireType WireTypeOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireType::kFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireType::kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::kBytes;
    case FieldDescriptor::TYPE_GROUP:
      return WireType::kGroupStart;
    default:
      return WireType::kVarint;
  }
}

std::unique_ptr<EnumPlan> PlanOf(const EnumDescriptor& type) {
  auto plan = std::make_unique<EnumPlan>();
  plan->is_null_value = type.full_name() == "google.protobuf.NullValue";
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    plan->numbers.emplace(value.name(), value.number());
    // The first of several names of a number is the one that is written.
    plan->names.try_emplace(value.number(), absl::StrCat("\"", value.name(), "\""));
  }
  return plan;
}

// A contract may call a field anything in JSON; what is not UTF-8 can't be said there.
std::string KeyOf(const FieldDescriptor& field) {
  const std::string& name = IsUtf8(field.json_name()) ? field.json_name() : field.name();
  std::string key;
  {
    ByteOutput out(key, name.size() + 3);
    AppendQuoted(name, out);
  }
  return key + ":";
}

FieldPlan PlanOf(const FieldDescriptor& field) {
  FieldPlan plan;
  plan.descriptor = &field;
  plan.type = field.type();
  plan.wire_type = WireTypeOf(field.type());
  plan.tag = TagOf(static_cast<uint32_t>(field.number()), plan.wire_type);
  plan.is_map = field.is_map();
  plan.is_repeated = field.is_repeated() && !field.is_map();
  plan.packable = field.is_packable();
  plan.has_presence = field.has_presence();
  plan.key = KeyOf(field);
  return plan;
}

void IndexFields(MessagePlan& plan) {
  uint32_t bits = static_cast<uint32_t>(plan.fields.size());
  for (size_t i = 0; i < plan.fields.size(); ++i) {
    FieldPlan& field = plan.fields[i];
    field.bit = static_cast<uint32_t>(i);
    if (const auto* oneof = field.descriptor->real_containing_oneof()) {
      field.oneof_bit = bits + static_cast<uint32_t>(oneof->index());
    }
    const auto number = static_cast<uint32_t>(field.descriptor->number());
    if (number < kLowNumbers) {
      if (plan.by_number.size() <= number) plan.by_number.resize(number + 1);
      plan.by_number[number] = static_cast<uint16_t>(i + 1);
    }
    // Where one field's name is the JSON name of another, JSON's decides.
    plan.by_name.insert_or_assign(field.descriptor->json_name(), static_cast<uint16_t>(i));
  }
  for (const FieldPlan& field : plan.fields) {
    plan.by_name.try_emplace(field.descriptor->name(), static_cast<uint16_t>(field.bit));
  }
  plan.bits = bits + static_cast<uint32_t>(plan.descriptor->real_oneof_decl_count());
}

}  // namespace

const FieldPlan* MessagePlan::Find(uint32_t number) const {
  if (number < by_number.size()) return by_number[number] == 0 ? nullptr : &fields[by_number[number] - 1];
  if (number < kLowNumbers) return nullptr;
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), number,
                       [](const FieldPlan& field, uint32_t wanted) { return NumberOf(field.tag) < wanted; });
  return found == fields.end() || NumberOf(found->tag) != number ? nullptr : &*found;
}

const FieldPlan* MessagePlan::Find(absl::string_view name, size_t expected) const {
  if (expected < fields.size() && fields[expected].descriptor->json_name() == name) return &fields[expected];
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &fields[found->second];
}

// Adds to a copy of an index what a type leads to.
class MessagePlans::Builder {
 public:
  Builder(Index& index, std::vector<std::unique_ptr<const MessagePlan>>& messages,
          std::vector<std::unique_ptr<const EnumPlan>>& enums)
      : index_(index), messages_(messages), enums_(enums) {}

  const MessagePlan* Message(const Descriptor& type) {
    const auto [known, is_new] = index_.messages.try_emplace(&type, nullptr);
    if (!is_new) return known->second;
    auto owned = std::make_unique<MessagePlan>();
    MessagePlan* plan = owned.get();
    known->second = plan;  // before its fields, which may be of the same type
    messages_.push_back(std::move(owned));
    plan->descriptor = &type;
    plan->shape = ShapeOf(type);
    AddFields(type, *plan);
    return plan;
  }

 private:
  void AddFields(const Descriptor& type, MessagePlan& plan) {
    std::vector<const FieldDescriptor*> fields;
    for (int i = 0; i < type.field_count(); ++i) fields.push_back(type.field(i));
    std::sort(fields.begin(), fields.end(), [](const FieldDescriptor* left, const FieldDescriptor* right) {
      return left->number() < right->number();
    });
    for (const FieldDescriptor* field : fields) {
      plan.fields.push_back(PlanOf(*field));
      FieldPlan& added = plan.fields.back();
      if (field->enum_type() != nullptr) added.enumeration = Enum(*field->enum_type());
      if (field->message_type() != nullptr) added.message = Message(*field->message_type());
      added.takes_null = TakesNull(added);
    }
    IndexFields(plan);
  }

  static bool TakesNull(const FieldPlan& field) {
    return (field.enumeration != nullptr && field.enumeration->is_null_value) ||
           (field.message != nullptr && field.message->shape == Shape::kValue);
  }

  const EnumPlan* Enum(const EnumDescriptor& type) {
    const auto [known, is_new] = index_.enums.try_emplace(&type, nullptr);
    if (!is_new) return known->second;
    enums_.push_back(PlanOf(type));
    return known->second = enums_.back().get();
  }

  Index& index_;
  std::vector<std::unique_ptr<const MessagePlan>>& messages_;
  std::vector<std::unique_ptr<const EnumPlan>>& enums_;
};

MessagePlans::MessagePlans(const google::protobuf::DescriptorPool& pool) : pool_(pool) {
  indexes_.push_back(std::make_unique<const Index>());
  index_ = indexes_.back().get();
}

MessagePlans::~MessagePlans() = default;

const MessagePlan& MessagePlans::Of(const Descriptor& type) const {
  const Index& index = *index_.load(std::memory_order_acquire);
  const auto found = index.messages.find(&type);
  return found == index.messages.end() ? Make(type) : *found->second;
}

const MessagePlan* MessagePlans::Named(absl::string_view type) const {
  const Descriptor* descriptor = pool_.FindMessageTypeByName(std::string(type));
  return descriptor == nullptr ? nullptr : &Of(*descriptor);
}

const MessagePlan& MessagePlans::Make(const Descriptor& type) const {
  const MutexLock lock(mutex_);
  auto index = std::make_unique<Index>(*indexes_.back());
  const MessagePlan* plan = Builder(*index, messages_, enums_).Message(type);
  indexes_.push_back(std::move(index));
  index_.store(indexes_.back().get(), std::memory_order_release);
  return *plan;
}

}  // namespace arasta::gateway
