#include "tests/unit/gateway/random_message.h"

#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

namespace arasta::gateway {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

testing::v1::Everything RandomMessage::Make() {
  testing::v1::Everything filled;
  Fill(filled, 0);
  // By way of the wire, as a key may have been added twice to a map.
  testing::v1::Everything message;
  message.ParseFromString(filled.SerializeAsString());
  return message;
}

void RandomMessage::Fill(Message& message, int depth) {
  if (FillWellKnown(message, depth)) return;
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  const bool is_entry = type.map_key() != nullptr;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!is_entry && !OneIn(static_cast<unsigned>(type.field_count() / 10 + 3))) continue;
    if (!is_entry && field.message_type() != nullptr && depth > 3) continue;
    for (size_t count = field.is_repeated() ? 1 + random_() % 4 : 1; count > 0; --count)
      Add(message, field, depth);
  }
}

void RandomMessage::Add(Message& message, const FieldDescriptor& field, int depth) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  const auto set = [&](auto add, auto put, auto value) {
    repeated ? (reflection.*add)(&message, &field, value) : (reflection.*put)(&message, &field, value);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return set(&Reflection::AddInt32, &Reflection::SetInt32, static_cast<int32_t>(Bits()));
    case FieldDescriptor::CPPTYPE_INT64:
      return set(&Reflection::AddInt64, &Reflection::SetInt64, static_cast<int64_t>(Bits()));
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(&Reflection::AddUInt32, &Reflection::SetUInt32, static_cast<uint32_t>(Bits()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(&Reflection::AddUInt64, &Reflection::SetUInt64, Bits());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set(&Reflection::AddDouble, &Reflection::SetDouble, Double());
    case FieldDescriptor::CPPTYPE_FLOAT:  // adding 0 makes 0 of -0
      return set(&Reflection::AddFloat, &Reflection::SetFloat, static_cast<float>(Double()) + 0.0f);
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&Reflection::AddBool, &Reflection::SetBool, OneIn(2));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto& type = *field.enum_type();
      const int number =
          type.value(static_cast<int>(random_() % static_cast<unsigned>(type.value_count())))->number();
      return set(&Reflection::AddEnumValue, &Reflection::SetEnumValue, number);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string value = field.type() == FieldDescriptor::TYPE_STRING ? Text() : Bytes();
      return repeated ? reflection.AddString(&message, &field, value)
                      : reflection.SetString(&message, &field, value);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(
          repeated ? *reflection.AddMessage(&message, &field) : *reflection.MutableMessage(&message, &field),
          depth + 1);
  }
}

bool RandomMessage::FillWellKnown(Message& message, int depth) {
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
    time->set_seconds(static_cast<int64_t>(random_() % 315'537'897'600) - 62'135'596'800);
    time->set_nanos(OneIn(2) ? static_cast<int32_t>(random_() % 1'000'000'000) : 0);
  } else if (auto* duration = dynamic_cast<google::protobuf::Duration*>(&message)) {
    const int sign = OneIn(2) ? 1 : -1;
    duration->set_seconds(sign * static_cast<int64_t>(random_() % 315'576'000'000));
    duration->set_nanos(sign * static_cast<int32_t>(random_() % 1'000'000 * 1'000));
  } else if (auto* mask = dynamic_cast<google::protobuf::FieldMask*>(&message)) {
    for (const char* path : {"a", "b_c", "de_f.g"}) {
      if (OneIn(2)) mask->add_paths(path);
    }
  } else if (auto* value = dynamic_cast<google::protobuf::Value*>(&message)) {
    FillValue(*value, depth);
  } else if (auto* any = dynamic_cast<google::protobuf::Any*>(&message)) {
    testing::v1::Everything::Nested nested;
    google::protobuf::Duration duration;
    Message& content = OneIn(2) ? static_cast<Message&>(nested) : duration;
    Fill(content, depth + 1);
    nested.set_number(1);  // empty, it would leave the value of another Any as it is where the two are merged
    any->PackFrom(content);
  } else {
    return false;
  }
  return true;
}

void RandomMessage::FillValue(google::protobuf::Value& value, int depth) {
  switch (random_() % (depth > 5 ? 4 : 6)) {
    case 0:
      return value.set_null_value(google::protobuf::NULL_VALUE);
    case 1: {
      const double number = Double();
      return value.set_number_value(std::isfinite(number) ? number : 0);
    }
    case 2:
      return value.set_string_value(Text());
    case 3:
      return value.set_bool_value(OneIn(2));
    case 4:
      for (size_t count = random_() % 3; count > 0; --count) {
        FillValue((*value.mutable_struct_value()->mutable_fields())[Text()], depth + 1);
      }
      value.mutable_struct_value();
      return;
    default:
      for (size_t count = random_() % 3; count > 0; --count) {
        FillValue(*value.mutable_list_value()->add_values(), depth + 1);
      }
      value.mutable_list_value();
  }
}

// Small and large alike, of either sign, and the limits.
uint64_t RandomMessage::Bits() {
  constexpr uint64_t kLimits[] = {0,         1,          UINT64_MAX,       INT64_MAX, uint64_t{1} << 63,
                                  INT32_MAX, UINT32_MAX, uint64_t{1} << 31};
  if (OneIn(4)) return kLimits[random_() % std::size(kLimits)];
  return (random_() >> random_() % 64) * (OneIn(2) ? 1 : UINT64_MAX);
}

// Never -0, which protobuf's JSON library takes for 0.
double RandomMessage::Double() {
  switch (random_() % 4) {
    case 0:
      return static_cast<double>(static_cast<int64_t>(random_() % 2'000)) - 1'000;
    case 1:
      return static_cast<double>(random_() % 1'000'000) / 1'000;
    case 2:
      return std::bit_cast<double>(random_());
    default: {
      using Limits = std::numeric_limits<double>;
      constexpr double kLimits[] = {0, Limits::max(), Limits::min(), Limits::infinity(), -Limits::infinity()};
      return kLimits[random_() % std::size(kLimits)];
    }
  }
}

std::string RandomMessage::Text() {
  constexpr const char* kPieces[] = {"tea",          " ",  "\"",   "\\",   "/",
                                     "\n",           "\t", "ç",    "茶",   "🍵",
                                     "<b>",          "&",  "\x01", "\x7f", "Assam 100 g, second flush",
                                     "\xe2\x80\xa8", ",",  "}",    "]"};
  std::string text;
  for (size_t count = random_() % 5; count > 0; --count) text += kPieces[random_() % std::size(kPieces)];
  return text;
}

std::string RandomMessage::Bytes() {
  std::string bytes;
  for (size_t count = random_() % 9; count > 0; --count) bytes += static_cast<char>(random_());
  return bytes;
}

}  // namespace arasta::gateway
