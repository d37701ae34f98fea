#include "services/gateway/rest/http_body.h"

#include <algorithm>
#include <array>

#include "services/gateway/json/wire.h"

namespace arasta::gateway {
namespace {

constexpr char kName[] = "google.api.HttpBody";
constexpr uint32_t kContentType = 1;
constexpr uint32_t kData = 2;
constexpr char kAnyType[] = "application/octet-stream";

// False where `wire` is no message; calls `take` with the number and bytes of each field that has bytes.
template <class Take>
bool ForEachBytes(absl::string_view wire, Take take) {
  WireReader reader(wire);
  while (!reader.empty()) {
    uint32_t tag = 0;
    absl::string_view bytes;
    if (!reader.ReadTag(tag)) return false;
    const bool has_bytes = TypeOf(tag) == WireType::kBytes;
    if (has_bytes ? !reader.ReadBytes(bytes) : !reader.Skip(tag)) return false;
    if (has_bytes && !take(NumberOf(tag), bytes)) return false;
  }
  return true;
}

bool Merge(absl::string_view wire, HttpBody& body) {
  return ForEachBytes(wire, [&body](uint32_t number, absl::string_view bytes) {
    if (number == kContentType) body.content_type.assign(bytes.data(), bytes.size());
    if (number == kData) body.data.assign(bytes.data(), bytes.size());
    return true;
  });
}

void AppendBytes(uint32_t number, absl::string_view bytes, std::string& wire) {
  std::array<char, kMaxTagBytes + kMaxVarintBytes> head;
  char* end = WriteVarint(TagOf(number, WireType::kBytes), head.data());
  end = WriteVarint(bytes.size(), end);
  wire.append(head.data(), end);
  wire.append(bytes.data(), bytes.size());
}

}  // namespace

bool IsHttpBody(const google::protobuf::Descriptor& type) {
  return type.full_name() == kName;
}

bool IsHttpBody(const google::protobuf::FieldDescriptor& field) {
  return !field.is_repeated() && field.message_type() != nullptr && IsHttpBody(*field.message_type());
}

std::string HttpBodyToWire(absl::string_view content_type, absl::string_view data,
                           const google::protobuf::FieldDescriptor* field) {
  std::string body;
  AppendBytes(kContentType, content_type, body);
  AppendBytes(kData, data, body);
  if (field == nullptr) return body;
  std::string wire;
  AppendBytes(static_cast<uint32_t>(field->number()), body, wire);
  return wire;
}

absl::optional<HttpBody> HttpBodyIn(absl::string_view wire, const google::protobuf::FieldDescriptor* field) {
  HttpBody body;
  const bool well_formed = field == nullptr
                               ? Merge(wire, body)
                               : ForEachBytes(wire, [&](uint32_t number, absl::string_view bytes) {
                                   return static_cast<int>(number) != field->number() || Merge(bytes, body);
                                 });
  const bool tellable = std::all_of(body.content_type.begin(), body.content_type.end(),
                                    [](char c) { return c >= ' ' && c <= '~'; });
  if (!well_formed || !tellable) return absl::nullopt;
  if (body.content_type.empty()) body.content_type = kAnyType;
  return body;
}

}  // namespace arasta::gateway
