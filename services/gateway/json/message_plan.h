// What the conversions must know of a message type, laid out for them: fields by either name and by number,
// and keys ready to be written.
#pragma once

#include <google/protobuf/descriptor.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "services/gateway/json/wire.h"

namespace arasta::gateway {

struct MessagePlan;

struct EnumPlan {
  bool is_null_value = false;
  absl::flat_hash_map<absl::string_view, int32_t> numbers;
  absl::flat_hash_map<int32_t, std::string> names;  // in quotes
};

struct FieldPlan {
  static constexpr uint32_t kNoOneof = UINT32_MAX;

  const google::protobuf::FieldDescriptor* descriptor = nullptr;
  google::protobuf::FieldDescriptor::Type type = google::protobuf::FieldDescriptor::TYPE_INT32;
  WireType wire_type = WireType::kVarint;  // of one value
  uint32_t tag = 0;                        // of one value
  bool is_map = false;
  bool is_repeated = false;  // and no map
  bool packable = false;
  bool has_presence = false;  // what equals its default is kept
  bool takes_null = false;    // null is a value of its own
  uint32_t bit = 0;           // in SeenFields
  uint32_t oneof_bit = kNoOneof;
  const MessagePlan* message = nullptr;  // of a map: its entry's
  const EnumPlan* enumeration = nullptr;
  std::string key;  // as it is written: in quotes, with the colon

  bool is_single() const { return !is_map && !is_repeated; }
};

// How a type stands in JSON.
enum class Shape : uint8_t {
  kMessage,
  kTimestamp,
  kDuration,
  kFieldMask,
  kStruct,
  kValue,
  kListValue,
  kWrapper,
  kAny,
};

struct MessagePlan {
  const google::protobuf::Descriptor* descriptor = nullptr;
  Shape shape = Shape::kMessage;
  std::vector<FieldPlan> fields;    // by number
  std::vector<uint16_t> by_number;  // index + 1 of the fields with low numbers
  absl::flat_hash_map<absl::string_view, uint16_t> by_name;
  uint32_t bits = 0;  // of SeenFields

  // Null for a field that is not known.
  const FieldPlan* Find(uint32_t number) const;
  // `expected` is tried first.
  const FieldPlan* Find(absl::string_view name, size_t expected) const;
};

// Which fields and oneofs of one message have been met.
class SeenFields {
 public:
  explicit SeenFields(const MessagePlan& plan) : words_(plan.bits / 64 + 1) {}

  // False for what was there before.
  bool Add(uint32_t bit) {
    uint64_t& word = words_[bit / 64];
    const uint64_t mask = uint64_t{1} << bit % 64;
    if ((word & mask) != 0) return false;
    word |= mask;
    return true;
  }

 private:
  absl::InlinedVector<uint64_t, 2> words_;
};

// Plans of all types that were asked for, and of those they lead to. Thread-safe: a plan is made once, under
// a lock, and found without one ever after.
class MessagePlans {
 public:
  explicit MessagePlans(const google::protobuf::DescriptorPool& pool);
  ~MessagePlans();
  MessagePlans(const MessagePlans&) = delete;
  MessagePlans& operator=(const MessagePlans&) = delete;

  const MessagePlan& Of(const google::protobuf::Descriptor& type) const;
  // Of a type in the pool, by its full name; null when there is none.
  const MessagePlan* Named(absl::string_view type) const;

 private:
  class Builder;
  struct Index {
    absl::flat_hash_map<const google::protobuf::Descriptor*, const MessagePlan*> messages;
    absl::flat_hash_map<const google::protobuf::EnumDescriptor*, const EnumPlan*> enums;
  };

  const MessagePlan& Make(const google::protobuf::Descriptor& type) const;

  const google::protobuf::DescriptorPool& pool_;
  mutable std::atomic<const Index*> index_;
  mutable Mutex mutex_;
  mutable std::vector<std::unique_ptr<const MessagePlan>> messages_ ABSL_GUARDED_BY(mutex_);
  mutable std::vector<std::unique_ptr<const EnumPlan>> enums_ ABSL_GUARDED_BY(mutex_);
  // The one in force, and those before it, in which a reader may still be: one for each miss, hence few.
  mutable std::vector<std::unique_ptr<const Index>> indexes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::gateway
