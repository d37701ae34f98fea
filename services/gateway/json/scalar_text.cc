#include "services/gateway/json/scalar_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/json/json_text.h"

namespace arasta::gateway {
namespace {

using google::protobuf::FieldDescriptor;

struct Integer {
  bool negative = false;
  uint64_t magnitude = 0;
};

// "1.50e2" is 150: digits with a point and an exponent may still be an integer. Exact, for digits of any
// number.
bool ParseDecimal(absl::string_view text, Integer& integer) {
  if (text.empty() || NumberLength(text) != text.size()) return false;
  integer.negative = text.front() == '-';
  if (integer.negative) text.remove_prefix(1);
  int32_t written_exponent = 0;
  const size_t e = text.find_first_of("eE");
  const bool huge = e != text.npos && !absl::SimpleAtoi(text.substr(e + 1), &written_exponent);
  int64_t exponent = written_exponent;
  const absl::string_view mantissa = text.substr(0, e);
  const size_t point = mantissa.find('.');
  std::string digits(mantissa.substr(0, point));
  if (point != mantissa.npos) {
    absl::StrAppend(&digits, mantissa.substr(point + 1));
    exponent -= static_cast<int64_t>(mantissa.size() - point - 1);
  }
  digits.erase(0, digits.find_first_not_of('0'));
  integer.magnitude = 0;
  if (digits.empty()) return true;
  const size_t zeros = digits.size() - digits.find_last_not_of('0') - 1;
  digits.resize(digits.size() - zeros);
  exponent += static_cast<int64_t>(zeros);
  constexpr int64_t kMostDigits = std::numeric_limits<uint64_t>::digits10 + 1;
  if (huge || exponent < 0 || exponent + static_cast<int64_t>(digits.size()) > kMostDigits) return false;
  digits.append(static_cast<size_t>(exponent), '0');
  return absl::SimpleAtoi(digits, &integer.magnitude);
}

// Nearly every integer is a few digits and no more.
bool ParseInteger(absl::string_view text, Integer& integer) {
  constexpr size_t kSafeDigits = std::numeric_limits<uint64_t>::digits10;
  integer.negative = !text.empty() && text.front() == '-';
  const absl::string_view digits = text.substr(integer.negative ? 1 : 0);
  if (digits.empty() || digits.size() > kSafeDigits || (digits.front() == '0' && digits.size() > 1)) {
    return ParseDecimal(text, integer);
  }
  integer.magnitude = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return ParseDecimal(text, integer);
    integer.magnitude = integer.magnitude * 10 + static_cast<uint64_t>(c - '0');
  }
  return true;
}

template <class Signed>
bool ParseSigned(absl::string_view text, int64_t& value) {
  Integer integer;
  if (!ParseInteger(text, integer)) return false;
  const uint64_t most =
      static_cast<uint64_t>(std::numeric_limits<Signed>::max()) + (integer.negative ? 1 : 0);
  if (integer.magnitude > most) return false;
  value = static_cast<int64_t>(integer.negative ? -integer.magnitude : integer.magnitude);
  return true;
}

template <class Unsigned>
bool ParseUnsigned(absl::string_view text, WireBits& bits) {
  Integer integer;
  if (!ParseInteger(text, integer) || integer.magnitude > std::numeric_limits<Unsigned>::max()) return false;
  bits = integer.magnitude;
  return !integer.negative || bits == 0;
}

template <class Float>
bool ParseFloat(absl::string_view text, Float& value) {
  if (text == "NaN") {
    value = std::numeric_limits<Float>::quiet_NaN();
  } else if (text == "Infinity" || text == "-Infinity") {
    value = text.front() == '-' ? -std::numeric_limits<Float>::infinity()
                                : std::numeric_limits<Float>::infinity();
  } else {
    if (text.empty() || NumberLength(text) != text.size()) return false;
    const auto result = absl::from_chars(text.data(), text.data() + text.size(), value);
    // What is too small becomes zero or the next to it.
    return result.ec == std::errc() || (result.ec == std::errc::result_out_of_range && std::abs(value) < 1);
  }
  return true;
}

template <class Float>
char* FormatFloat(Float value, char* to) {
  if (std::isfinite(value)) return std::to_chars(to, to + kMaxScalarText, value).ptr;
  const absl::string_view name = std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  return to + name.copy(to, name.size());
}

template <class Value>
char* FormatInteger(Value value, char* to) {
  return std::to_chars(to, to + kMaxScalarText, value).ptr;
}

template <class Value>
char* FormatQuoted(Value value, char* to) {
  *to++ = '"';
  to = FormatInteger(value, to);
  *to++ = '"';
  return to;
}

WireBits ZigZag(int64_t value) {
  return static_cast<WireBits>(value) << 1 ^ static_cast<WireBits>(value >> 63);
}
int64_t UnZigZag(WireBits bits) {
  return static_cast<int64_t>(bits >> 1 ^ -(bits & 1));
}

}  // namespace

bool ParseScalar(FieldDescriptor::Type type, absl::string_view text, WireBits& bits) {
  int64_t value = 0;
  double double_value;
  float float_value;
  switch (type) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_ENUM:
    case FieldDescriptor::TYPE_SFIXED32:
      if (!ParseSigned<int32_t>(text, value)) return false;
      bits = static_cast<WireBits>(value);
      return true;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      if (!ParseSigned<int64_t>(text, value)) return false;
      bits = static_cast<WireBits>(value);
      return true;
    case FieldDescriptor::TYPE_SINT32:
      if (!ParseSigned<int32_t>(text, value)) return false;
      bits = ZigZag(value);
      return true;
    case FieldDescriptor::TYPE_SINT64:
      if (!ParseSigned<int64_t>(text, value)) return false;
      bits = ZigZag(value);
      return true;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      return ParseUnsigned<uint32_t>(text, bits);
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return ParseUnsigned<uint64_t>(text, bits);
    case FieldDescriptor::TYPE_DOUBLE:
      if (!ParseFloat(text, double_value)) return false;
      bits = std::bit_cast<uint64_t>(double_value);
      return true;
    case FieldDescriptor::TYPE_FLOAT:
      if (!ParseFloat(text, float_value)) return false;
      bits = std::bit_cast<uint32_t>(float_value);
      return true;
    case FieldDescriptor::TYPE_BOOL:
      bits = text == "true" ? 1 : 0;
      return text == "true" || text == "false";
    default:
      return false;
  }
}

absl::string_view NameOfScalar(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SFIXED32:
      return "an int32";
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_SFIXED64:
      return "an int64";
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      return "a uint32";
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return "a uint64";
    case FieldDescriptor::TYPE_DOUBLE:
      return "a double";
    case FieldDescriptor::TYPE_FLOAT:
      return "a float";
    case FieldDescriptor::TYPE_BOOL:
      return "a bool";
    case FieldDescriptor::TYPE_ENUM:
      return "one of the enum's values";
    case FieldDescriptor::TYPE_BYTES:
      return "base64";
    default:
      return "a string";
  }
}

char* FormatScalar(FieldDescriptor::Type type, WireBits bits, char* to) {
  switch (type) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_ENUM:
    case FieldDescriptor::TYPE_SFIXED32:
      return FormatInteger(static_cast<int32_t>(bits), to);
    case FieldDescriptor::TYPE_SINT32:
      return FormatInteger(UnZigZag(bits), to);
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      return FormatInteger(static_cast<uint32_t>(bits), to);
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      return FormatQuoted(static_cast<int64_t>(bits), to);
    case FieldDescriptor::TYPE_SINT64:
      return FormatQuoted(UnZigZag(bits), to);
    case FieldDescriptor::TYPE_DOUBLE:
      return FormatFloat(std::bit_cast<double>(bits), to);
    case FieldDescriptor::TYPE_FLOAT:
      return FormatFloat(std::bit_cast<float>(static_cast<uint32_t>(bits)), to);
    case FieldDescriptor::TYPE_BOOL: {
      const absl::string_view word = bits != 0 ? "true" : "false";
      return to + word.copy(to, word.size());
    }
    default:
      return FormatQuoted(bits, to);
  }
}

bool ReadBits(FieldDescriptor::Type type, WireType wire_type, WireReader& wire, WireBits& bits) {
  if (wire_type == WireType::kFixed64) return wire.ReadFixed(bits);
  if (wire_type == WireType::kFixed32) {
    uint32_t word;
    if (!wire.ReadFixed(word)) return false;
    bits = word;
    return true;
  }
  if (!wire.ReadVarint(bits)) return false;
  switch (type) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_ENUM:
      bits = static_cast<uint32_t>(bits);
      return true;
    case FieldDescriptor::TYPE_BOOL:
      bits = bits != 0 ? 1 : 0;
      return true;
    default:
      return true;
  }
}

}  // namespace arasta::gateway
