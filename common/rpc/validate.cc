#include "common/rpc/validate.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "arasta/options/v1/options.pb.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "re2/re2.h"

namespace arasta::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using options::v1::Bounds;

constexpr size_t kMaxViolations = 8;
constexpr int kMaxDepth = 32;

using Violation = std::pair<std::string, std::string>;

// Compiled once a process: patterns come from our own contracts, so there are few.
const RE2& CompiledPattern(const std::string& pattern) {
  static Mutex mutex;
  static auto* const patterns = new absl::flat_hash_map<std::string, std::unique_ptr<RE2>>();
  MutexLock lock(mutex);
  std::unique_ptr<RE2>& compiled = (*patterns)[pattern];
  if (compiled == nullptr) compiled = std::make_unique<RE2>(pattern);
  return *compiled;
}

// Text of several lines may hold tabs and line breaks. Other control characters have no business in any
// text: PostgreSQL stores no NUL, and the rest steers mail headers, logs and terminals.
bool MayHold(char c, bool multi_line) {
  if (!absl::ascii_iscntrl(static_cast<unsigned char>(c))) return true;
  return multi_line && (c == '\t' || c == '\n' || c == '\r');
}

// What is wrong with the characters of a string, secrets included; empty where nothing is.
std::string TextProblem(const std::string& text, const FieldDescriptor& field) {
  const bool multi_line = field.options().GetExtension(options::v1::multi_line);
  if (std::all_of(text.begin(), text.end(), [&](char c) { return MayHold(c, multi_line); })) return "";
  return multi_line ? "must not contain control characters but tabs and line breaks"
                    : "must not contain control characters";
}

size_t CodePoints(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & '\xC0') != '\x80'; });
}

// What is wrong with one string or bytes value; empty where nothing is.
std::string StringProblem(const std::string& text, const FieldDescriptor& field, const Bounds& bounds) {
  const bool is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
  const size_t length = is_bytes ? text.size() : CodePoints(text);
  const char* const unit = is_bytes ? "bytes" : "characters";
  if (bounds.required() && text.empty()) return "must not be empty";
  if (text.empty()) return "";
  std::string problem = is_bytes ? "" : TextProblem(text, field);
  if (!problem.empty()) return problem;
  if (length < bounds.min_length())
    return absl::StrCat("must have at least ", bounds.min_length(), " ", unit);
  if (bounds.max_length() != 0 && length > bounds.max_length()) {
    return absl::StrCat("must have at most ", bounds.max_length(), " ", unit);
  }
  if (!bounds.pattern().empty() && !RE2::FullMatch(text, CompiledPattern(bounds.pattern()))) {
    return absl::StrCat("must match ", bounds.pattern());
  }
  return "";
}

// What is wrong with one number or enum value; empty where nothing is.
std::string NumberProblem(int64_t number, const FieldDescriptor& field, const Bounds& bounds) {
  if (bounds.required() && number == 0) return "must be set";
  if (bounds.has_min() && number < bounds.min()) return absl::StrCat("must be at least ", bounds.min());
  if (bounds.has_max() && number > bounds.max()) return absl::StrCat("must be at most ", bounds.max());
  // proto3 keeps numbers that it knows no value for, and a handler would take them for its default. Whoever
  // has a newer contract, a peer included, must not believe done what this version cannot do; events, which
  // all versions must be able to read, do not come by here.
  const google::protobuf::EnumDescriptor* const values = field.enum_type();
  if (values != nullptr && values->FindValueByNumber(static_cast<int>(number)) == nullptr) {
    return "must be a value that the contract names";
  }
  return "";
}

// The value as the widest signed number; a uint64 beyond it counts as its greatest.
int64_t NumberOf(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return repeated ? reflection.GetRepeatedInt32(message, &field, index)
                      : reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return repeated ? reflection.GetRepeatedInt64(message, &field, index)
                      : reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return repeated ? reflection.GetRepeatedUInt32(message, &field, index)
                      : reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64: {
      const uint64_t number = repeated ? reflection.GetRepeatedUInt64(message, &field, index)
                                       : reflection.GetUInt64(message, &field);
      return static_cast<int64_t>(std::min<uint64_t>(number, std::numeric_limits<int64_t>::max()));
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return repeated ? reflection.GetRepeatedEnumValue(message, &field, index)
                      : reflection.GetEnumValue(message, &field);
    default:
      return 0;
  }
}

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_ENUM:
      return true;
    default:
      return false;
  }
}

// Visits a message's fields, deepest first ones included, and collects what is wrong.
class Walk {
 public:
  explicit Walk(bool is_update) : is_update_(is_update) {}

  void Visit(const Message& message, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) return Add(prefix, "is nested too deeply");
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count() && violations_.size() < kMaxViolations; ++i) {
      const FieldDescriptor& field = *descriptor->field(i);
      const std::string path = prefix.empty() ? field.name() : absl::StrCat(prefix, ".", field.name());
      if (field.is_repeated()) {
        VisitRepeated(message, field, path, depth);
      } else {
        VisitSingular(message, field, path, depth);
      }
    }
  }

  const std::vector<Violation>& violations() const { return violations_; }

 private:
  void VisitRepeated(const Message& message, const FieldDescriptor& field, const std::string& path,
                     int depth) {
    const Reflection& reflection = *message.GetReflection();
    const Bounds bounds = BoundsOf(field, depth);
    const int size = reflection.FieldSize(message, &field);
    if (bounds.required() && size == 0) Add(path, "must not be empty");
    if (bounds.max_items() != 0 && static_cast<uint32_t>(size) > bounds.max_items()) {
      return Add(path, absl::StrCat("must have at most ", bounds.max_items(), " items"));
    }
    if (field.options().GetExtension(options::v1::items_checked_by_handler)) return;
    for (int i = 0; i < size && violations_.size() < kMaxViolations; ++i) {
      const std::string item = absl::StrCat(path, "[", i, "]");
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Visit(reflection.GetRepeatedMessage(message, &field, i), item, depth + 1);
      } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        Add(item, StringProblem(reflection.GetRepeatedStringReference(message, &field, i, &scratch), field,
                                bounds));
      } else if (IsNumber(field)) {
        Add(item, NumberProblem(NumberOf(message, field, i), field, bounds));
      }
    }
  }

  void VisitSingular(const Message& message, const FieldDescriptor& field, const std::string& path,
                     int depth) {
    const Reflection& reflection = *message.GetReflection();
    const Bounds bounds = BoundsOf(field, depth);
    if (field.has_presence() && !reflection.HasField(message, &field)) {
      if (bounds.required()) Add(path, "must be set");
      return;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Visit(reflection.GetMessage(message, &field), path, depth + 1);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      std::string scratch;
      Add(path, StringProblem(reflection.GetStringReference(message, &field, &scratch), field, bounds));
    } else if (IsNumber(field)) {
      Add(path, NumberProblem(NumberOf(message, field, -1), field, bounds));
    }
  }

  Bounds BoundsOf(const FieldDescriptor& field, int depth) const {
    Bounds bounds = field.options().GetExtension(options::v1::bounds);
    if (is_update_ && depth > 0) bounds.set_required(depth == 1 && field.name() == "name");
    return bounds;
  }

  void Add(const std::string& path, std::string problem) {
    if (!problem.empty()) violations_.emplace_back(path, std::move(problem));
  }

  const bool is_update_;
  std::vector<Violation> violations_;
};

}  // namespace

absl::Status Validate(const google::protobuf::Message& message) {
  // An update carries only the name of the resource and what changes: the mask, not the bounds, says what
  // else must be there.
  const bool is_update = message.GetDescriptor()->FindFieldByName("update_mask") != nullptr;
  Walk walk(is_update);
  walk.Visit(message, "", 0);
  if (walk.violations().empty()) return absl::OkStatus();

  absl::Status status = InvalidField(walk.violations().front().first, walk.violations().front().second);
  google::rpc::BadRequest bad_request;
  for (const auto& [field, description] : walk.violations()) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  status.SetPayload(absl::StrCat("type.googleapis.com/", google::rpc::BadRequest::descriptor()->full_name()),
                    absl::Cord(bad_request.SerializeAsString()));
  return status;
}

}  // namespace arasta::rpc
