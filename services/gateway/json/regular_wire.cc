#include "services/gateway/json/regular_wire.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace arasta::gateway {
namespace {

using google::protobuf::FieldDescriptor;

struct Occurrence {
  const FieldPlan* field;
  uint32_t tag;
  absl::string_view bytes;  // behind the tag: of messages and strings with their length
};
using Occurrences = std::vector<Occurrence>;

bool Collect(const MessagePlan& plan, absl::string_view wire, Occurrences& all) {
  WireReader in(wire);
  uint32_t tag;
  while (!in.empty()) {
    if (!in.ReadTag(tag)) return false;
    const char* const begin = in.position();
    if (!in.Skip(tag)) return false;
    const FieldPlan* const field = plan.Find(NumberOf(tag));
    if (field == nullptr || !Fits(*field, tag)) continue;
    all.push_back({field, tag, absl::string_view(begin, static_cast<size_t>(in.position() - begin))});
  }
  return true;
}

// Of a oneof there is only what follows the last of its other fields.
void DropReplacedInOneofs(Occurrences& all) {
  struct Chosen {
    const FieldPlan* field = nullptr;
    bool begun = false;  // going back from the end: the choice was made here
  };
  absl::flat_hash_map<uint32_t, Chosen> oneofs;
  for (auto occurrence = all.rbegin(); occurrence != all.rend(); ++occurrence) {
    const FieldPlan*& field = occurrence->field;
    if (field->oneof_bit == FieldPlan::kNoOneof) continue;
    Chosen& chosen = oneofs[field->oneof_bit];
    if (chosen.field == nullptr) chosen.field = field;
    chosen.begun = chosen.begun || chosen.field != field;
    if (chosen.begun) field = nullptr;
  }
  all.erase(
      std::remove_if(all.begin(), all.end(), [](const Occurrence& one) { return one.field == nullptr; }),
      all.end());
}

absl::string_view WithoutLength(absl::string_view bytes) {
  WireReader(bytes).ReadBytes(bytes);  // Collect has seen that it can be read
  return bytes;
}

class RegularWriter {
 public:
  explicit RegularWriter(std::string& out) : out_(out) {}

  using Iterator = Occurrences::const_iterator;

  // All of one field.
  bool Write(Iterator begin, Iterator end) {
    if (begin->field->is_map) return WriteMap(begin, end);
    if (begin->field->is_repeated) {
      for (; begin != end; ++begin) Append(*begin);
    } else if (begin->field->type == FieldDescriptor::TYPE_MESSAGE && end - begin > 1) {
      WriteMerged(begin, end);
    } else {
      Append(*(end - 1));
    }
    return true;
  }

 private:
  void Append(const Occurrence& one) {
    AppendVarint(one.tag);
    out_.append(one.bytes.data(), one.bytes.size());
  }
  void AppendVarint(uint64_t value) {
    char bytes[kMaxVarintBytes];
    out_.append(bytes, WriteVarint(value, bytes));
  }

  // The parts of a message one after the other are the message.
  void WriteMerged(Iterator begin, Iterator end) {
    size_t size = 0;
    for (Iterator part = begin; part != end; ++part) size += WithoutLength(part->bytes).size();
    AppendVarint(begin->tag);
    AppendVarint(size);
    for (; begin != end; ++begin) {
      const absl::string_view part = WithoutLength(begin->bytes);
      out_.append(part.data(), part.size());
    }
  }

  bool WriteMap(Iterator begin, Iterator end) {
    std::vector<std::pair<MapKey, const Occurrence*>> entries;
    absl::flat_hash_map<MapKey, const Occurrence*> last;
    for (Iterator one = begin; one != end; ++one) {
      MapEntry entry;
      if (!ReadMapEntry(*one->field->message, WithoutLength(one->bytes), entry)) return false;
      entries.emplace_back(entry.key, &*one);
      last[entry.key] = &*one;
    }
    for (const auto& [key, one] : entries) {
      if (last[key] == one) Append(*one);
    }
    return true;
  }

  std::string& out_;
};

}  // namespace

bool Fits(const FieldPlan& field, uint32_t tag) {
  return TypeOf(tag) == field.wire_type || (field.packable && TypeOf(tag) == WireType::kBytes);
}

bool MakeRegular(const MessagePlan& plan, absl::string_view wire, std::string& regular) {
  Occurrences all;
  if (!Collect(plan, wire, all)) return false;
  DropReplacedInOneofs(all);
  std::stable_sort(all.begin(), all.end(), [](const Occurrence& left, const Occurrence& right) {
    return left.field->bit < right.field->bit;
  });
  RegularWriter writer(regular);
  regular.reserve(regular.size() + wire.size());
  for (auto begin = all.cbegin(); begin != all.cend();) {
    const auto end =
        std::find_if(begin, all.cend(), [&](const Occurrence& one) { return one.field != begin->field; });
    if (!writer.Write(begin, end)) return false;
    begin = end;
  }
  return true;
}

bool ReadMapEntry(const MessagePlan& entry_plan, absl::string_view bytes, MapEntry& entry) {
  const FieldPlan& key = entry_plan.fields[0];
  const FieldPlan& value = entry_plan.fields[1];
  WireReader in(bytes);
  uint32_t tag;
  while (!in.empty()) {
    if (!in.ReadTag(tag)) return false;
    const char* const begin = in.position();
    if (tag == key.tag) {
      const bool good = key.wire_type == WireType::kBytes
                            ? in.ReadBytes(entry.key.text)
                            : ReadBits(key.type, key.wire_type, in, entry.key.bits);
      if (!good) return false;
      continue;
    }
    if (!in.Skip(tag)) return false;
    if (tag != value.tag) continue;
    entry.is_split = value.type == FieldDescriptor::TYPE_MESSAGE && !entry.value.empty();
    entry.value = absl::string_view(begin, static_cast<size_t>(in.position() - begin));
  }
  return true;
}

}  // namespace arasta::gateway
