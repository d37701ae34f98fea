#include "common/rpc/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace arasta::rpc {
namespace {

constexpr char kVersion = 1;
constexpr size_t kMacBytes = 16;
// What the longest page_token of a contract may be: a search carries its query.
constexpr size_t kMaxTokenBytes = 8000;

absl::Status Refused() {
  return InvalidField("page_token", "is not a token of this list", "INVALID_PAGE_TOKEN");
}

template <size_t kSize>
std::string AsString(const std::array<uint8_t, kSize>& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace

std::string PageTokens::Encode(absl::string_view cursor, absl::string_view fingerprint) const {
  return absl::WebSafeBase64Escape(
      absl::StrCat(absl::string_view(&kVersion, 1), Mac(cursor, fingerprint), cursor));
}

absl::StatusOr<std::string> PageTokens::Decode(absl::string_view token, absl::string_view fingerprint) const {
  if (token.empty()) return std::string();
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes)) return Refused();
  if (bytes.size() < 1 + kMacBytes || bytes[0] != kVersion) return Refused();
  const absl::string_view mac = absl::string_view(bytes).substr(1, kMacBytes);
  const absl::string_view cursor = absl::string_view(bytes).substr(1 + kMacBytes);
  if (!ConstantTimeEquals(mac, Mac(cursor, fingerprint))) return Refused();
  return std::string(cursor);
}

// The fingerprint is hashed first, so that no bytes can move between it and the cursor.
std::string PageTokens::Mac(absl::string_view cursor, absl::string_view fingerprint) const {
  return AsString(HmacSha256(secret_, absl::StrCat(AsString(Sha256(fingerprint)), cursor)))
      .substr(0, kMacBytes);
}

std::string FingerprintOf(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    const auto* field = copy->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) copy->GetReflection()->ClearField(copy.get(), field);
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    copy->SerializeToCodedStream(&coded);
  }
  return AsString(Sha256(absl::StrCat(copy->GetDescriptor()->full_name(), "\n", bytes)));
}

}  // namespace arasta::rpc
