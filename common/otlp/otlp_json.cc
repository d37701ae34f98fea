#include "common/otlp/otlp_json.h"

#include "absl/strings/str_cat.h"
#include "common/log/log.h"

namespace arasta::otlp {
namespace {

constexpr int kStatusError = 2;

// In quotes, and UTF-8 whatever the bytes.
void AppendText(absl::string_view text, std::string& out) {
  log::Value(text).AppendJson(out);
}

void AppendKey(absl::string_view key, std::string& out) {
  absl::StrAppend(&out, "{\"key\":\"", key, "\",\"value\":{");
}

void AppendText(absl::string_view key, absl::string_view value, std::string& out) {
  AppendKey(key, out);
  out += "\"stringValue\":";
  AppendText(value, out);
  out += "}}";
}

// 64-bit numbers are strings, as in every JSON of protobuf.
void AppendNumber(absl::string_view key, int64_t value, std::string& out) {
  AppendKey(key, out);
  absl::StrAppend(&out, "\"intValue\":\"", value, "\"}}");
}

void AppendAttribute(const trace::Attribute& attribute, std::string& out) {
  if (const auto* number = absl::get_if<int64_t>(&attribute.value)) {
    AppendNumber(attribute.key, *number, out);
  } else {
    AppendText(attribute.key, absl::get<std::string>(attribute.value), out);
  }
}

void AppendSpan(const trace::SpanRecord& span, std::string& out) {
  absl::StrAppend(&out, "{\"traceId\":\"", span.context.trace_id(), "\",\"spanId\":\"",
                  span.context.span_id(), "\"");
  if (span.parent.has_value()) absl::StrAppend(&out, ",\"parentSpanId\":\"", span.parent->span_id(), "\"");
  out += ",\"name\":";
  AppendText(span.name, out);
  absl::StrAppend(&out, ",\"kind\":", static_cast<int>(span.kind), ",\"startTimeUnixNano\":\"",
                  absl::ToUnixNanos(span.start), "\",\"endTimeUnixNano\":\"", absl::ToUnixNanos(span.end),
                  "\",\"attributes\":[");
  bool first = true;
  for (const trace::Attribute& attribute : span.attributes) {
    if (!first) out += ',';
    first = false;
    AppendAttribute(attribute, out);
  }
  out += "]";
  if (span.failed) absl::StrAppend(&out, ",\"status\":{\"code\":", kStatusError, "}");
  out += "}";
}

}  // namespace

std::string ToJson(const Resource& resource, const std::vector<trace::SpanRecord>& spans) {
  std::string out = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[";
  AppendText("service.namespace", "arasta", out);
  out += ',';
  AppendText("service.name", resource.service, out);
  out += ',';
  AppendText("service.instance.id", resource.instance, out);
  out += "]},\"scopeSpans\":[{\"scope\":{\"name\":\"arasta\"},\"spans\":[";
  bool first = true;
  for (const trace::SpanRecord& span : spans) {
    if (!first) out += ',';
    first = false;
    AppendSpan(span, out);
  }
  out += "]}]}]}";
  return out;
}

}  // namespace arasta::otlp
