#include "services/gateway/request_head.h"

#include <algorithm>
#include <array>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "services/gateway/base64_decoder.h"

namespace arasta::gateway {
namespace {

constexpr size_t kMaxMetadata = 6 * 1024;

// What becomes of a field on its way to the backend.
enum class Fate {
  kForward,
  kForwardUnindexed,
  kDrop,         // hop by hop, or said anew by the gateway
  kDropBrowser,  // dropped only where a browser's HTTP is translated
  kTrace,        // goes along with the client's traceparent
};

using Fates = absl::flat_hash_map<absl::string_view, Fate>;

const Fates& KnownFields() {
  static const Fates* const fates = new Fates{
      {"connection", Fate::kDrop},
      {"keep-alive", Fate::kDrop},
      {"proxy-connection", Fate::kDrop},
      {"proxy-authorization", Fate::kDrop},
      {"transfer-encoding", Fate::kDrop},
      {"upgrade", Fate::kDrop},
      {"http2-settings", Fate::kDrop},
      {"expect", Fate::kDrop},
      {"host", Fate::kDrop},
      {"te", Fate::kDrop},
      {"trailer", Fate::kDrop},
      {"content-length", Fate::kDrop},
      {"content-type", Fate::kDrop},
      {"x-request-id", Fate::kDrop},
      {"traceparent", Fate::kDrop},
      {"tracestate", Fate::kTrace},
      // Who somebody is, only the gateway says.
      {"forwarded", Fate::kDrop},
      {"x-real-ip", Fate::kDrop},
      {"x-client-ip", Fate::kDrop},
      {"x-forwarded-for", Fate::kDrop},
      {"x-forwarded-host", Fate::kDrop},
      {"x-forwarded-proto", Fate::kDrop},
      {"x-forwarded-client-cert", Fate::kDrop},
      {"x-user-id", Fate::kDrop},
      {"authorization", Fate::kForwardUnindexed},
      {"accept", Fate::kDropBrowser},
      {"accept-encoding", Fate::kDropBrowser},
      {"accept-language", Fate::kDropBrowser},
      {"cache-control", Fate::kDropBrowser},
      {"connect-accept-encoding", Fate::kDropBrowser},
      {"connect-content-encoding", Fate::kDropBrowser},
      {"connect-protocol-version", Fate::kDropBrowser},
      {"connect-timeout-ms", Fate::kDropBrowser},
      {"content-encoding", Fate::kDropBrowser},
      {"cookie", Fate::kDropBrowser},
      {"dnt", Fate::kDropBrowser},
      {"grpc-accept-encoding", Fate::kDropBrowser},
      {"origin", Fate::kDropBrowser},
      {"pragma", Fate::kDropBrowser},
      {"priority", Fate::kDropBrowser},
      {"referer", Fate::kDropBrowser},
      {"x-grpc-web", Fate::kDropBrowser},
  };
  return *fates;
}

Fate FateOf(absl::string_view name) {
  if (absl::StartsWith(name, ":")) return Fate::kDrop;
  if (const auto known = KnownFields().find(name); known != KnownFields().end()) return known->second;
  if (absl::StartsWith(name, "x-arasta-")) return Fate::kDrop;
  // Reserved: gRPC's own, a hop at a time, and some have a meaning only in answers or within a process.
  if (absl::StartsWith(name, "grpc-")) return Fate::kDrop;
  if (absl::StartsWith(name, "sec-")) return Fate::kDropBrowser;
  return Fate::kForward;
}

bool Forwarded(Fate fate, bool from_browser) {
  return fate != Fate::kDrop && !(fate == Fate::kDropBrowser && from_browser);
}

absl::string_view QueryOf(absl::string_view path) {
  return path.substr(std::min(path.find('?'), path.size()));
}

bool IsBinary(absl::string_view name) {
  return absl::EndsWith(name, "-bin");
}

// One of the values of a binary field, the way gRPC itself writes it.
absl::string_view Unpadded(absl::string_view value) {
  value = absl::StripAsciiWhitespace(value);
  if (!absl::ConsumeSuffix(&value, "==")) absl::ConsumeSuffix(&value, "=");
  return value;
}

bool IsBase64(absl::string_view unpadded) {
  constexpr std::array<absl::string_view, 4> kPadding = {"", "===", "==", "="};
  Base64Decoder decoder;
  std::string bytes;
  return decoder.Decode(unpadded, bytes) && decoder.Decode(kPadding[unpadded.size() % 4], bytes);
}

void AddBinary(HeaderBlock& block, const HeaderBlock::Field& field) {
  for (const absl::string_view value : absl::StrSplit(field.value, ',')) {
    block.Add(field.name, Unpadded(value), field.indexing);
  }
}

HeaderBlock HeadOf(absl::string_view path, absl::string_view authority, absl::string_view content_type) {
  HeaderBlock block;
  block.Add(":method", "POST");
  block.Add(":scheme", "http");
  block.Add(":path", path);
  block.Add(":authority", authority);
  block.Add("te", "trailers");
  block.Add("content-type", content_type);
  return block;
}

void AddIfSet(HeaderBlock& block, absl::string_view name, absl::string_view value) {
  if (!value.empty()) block.Add(name, value, Indexing::kNever);
}

void TakeFirst(absl::string_view& target, absl::string_view value) {
  if (target.empty()) target = value;
}

}  // namespace

RequestHead RequestHead::Of(const HeaderBlock& fields) {
  using Member = absl::string_view RequestHead::*;
  static const auto* const kMembers = new absl::flat_hash_map<absl::string_view, Member>{
      {":method", &RequestHead::method},
      {":scheme", &RequestHead::scheme},
      {":authority", &RequestHead::authority},
      {"host", &RequestHead::authority},
      {":path", &RequestHead::path},
      {"content-type", &RequestHead::content_type},
      {"accept", &RequestHead::accept},
      {"origin", &RequestHead::origin},
      {"authorization", &RequestHead::authorization},
      {"x-request-id", &RequestHead::request_id},
      {"traceparent", &RequestHead::traceparent},
      {"content-encoding", &RequestHead::content_encoding},
      {"accept-encoding", &RequestHead::accept_encoding},
      {"connect-protocol-version", &RequestHead::connect_version},
      {"connect-content-encoding", &RequestHead::connect_encoding},
      {"connect-accept-encoding", &RequestHead::connect_accept_encoding},
      {"access-control-request-method", &RequestHead::preflight_method},
      {"access-control-request-headers", &RequestHead::preflight_headers},
  };
  RequestHead head;
  head.fields = &fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const HeaderBlock::Field field = fields[i];
    if (field.name == "grpc-timeout") {
      head.grpc_timeout = field.value;
    } else if (field.name == "grpc-encoding") {
      head.grpc_encoding = field.value;
    } else if (field.name == "connect-timeout-ms") {
      head.connect_timeout = field.value;
    } else if (const auto member = kMembers->find(field.name); member != kMembers->end()) {
      TakeFirst(head.*member->second, field.value);
    }
  }
  return head;
}

absl::Status MetadataTooLarge() {
  return Error(absl::StatusCode::kResourceExhausted, "METADATA_TOO_LARGE", "the metadata is over 6 KiB");
}

absl::Status CheckMetadata(const HeaderBlock& fields, bool from_browser) {
  size_t size = fields.list_size();
  for (size_t i = 0; i < fields.size(); ++i) {
    const HeaderBlock::Field field = fields[i];
    const Fate fate = FateOf(field.name);
    // The backend gets the method's path, and nothing of what a browser says to its server.
    if (field.name == ":path") size -= QueryOf(field.value).size();
    if (fate == Fate::kDropBrowser && from_browser)
      size -= field.name.size() + field.value.size() + HeaderBlock::kFieldOverhead;
    if (!IsBinary(field.name) || !Forwarded(fate, from_browser)) continue;
    for (const absl::string_view value : absl::StrSplit(field.value, ',')) {
      if (!IsBase64(Unpadded(value))) return InvalidField(field.name, "is not base64");
    }
    const auto commas = static_cast<size_t>(std::count(field.value.begin(), field.value.end(), ','));
    size += commas * (field.name.size() + HeaderBlock::kFieldOverhead);
  }
  return size > kMaxMetadata ? MetadataTooLarge() : absl::OkStatus();
}

HeaderBlock ToBackendHead(const HeaderBlock& fields, const RequestHead& head,
                          const BackendHeadAdditions& additions) {
  HeaderBlock block = HeadOf(additions.path, head.authority, additions.content_type);
  AddIfSet(block, "grpc-timeout", additions.grpc_timeout);
  for (size_t i = 0; i < fields.size(); ++i) {
    const HeaderBlock::Field field = fields[i];
    const Fate fate = FateOf(field.name);
    if (!Forwarded(fate, additions.from_browser)) continue;
    if (fate == Fate::kTrace && !additions.continues_trace) continue;
    if (IsBinary(field.name)) {
      AddBinary(block, field);
      continue;
    }
    block.Add(field.name, field.value, fate == Fate::kForwardUnindexed ? Indexing::kNever : field.indexing);
  }
  AddIfSet(block, "x-forwarded-for", additions.client_address);
  AddIfSet(block, "x-forwarded-client-cert", additions.client_certificate);
  AddIfSet(block, "x-request-id", additions.request_id);
  AddIfSet(block, "traceparent", additions.traceparent);
  return block;
}

HeaderBlock OwnCallHead(absl::string_view path, absl::string_view authority) {
  return HeadOf(path, authority, "application/grpc");
}

}  // namespace arasta::gateway
