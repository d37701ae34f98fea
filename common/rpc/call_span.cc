#include "common/rpc/call_span.h"

#include "absl/strings/str_cat.h"

namespace arasta::rpc {
namespace {

void Describe(const google::protobuf::MethodDescriptor& method, trace::Span& span) {
  span.Set("rpc.system", "grpc");
  span.Set("rpc.service", method.service()->full_name());
  span.Set("rpc.method", method.name());
}

void End(trace::Span& span, const absl::Status& status, bool failed) {
  if (!span.recording()) return;
  span.Set("rpc.grpc.status_code", static_cast<int64_t>(status.code()));
  span.SetStatus(status, failed);
  span.End();
}

}  // namespace

trace::Span ServerSpan(const Method& method, const absl::optional<trace::Context>& parent) {
  trace::Span span(parent, trace::Kind::kServer, method.name);
  if (span.recording()) Describe(*method.descriptor, span);
  return span;
}

void EndServerSpan(trace::Span& span, const Call& call, const absl::Status& status) {
  if (span.recording() && !call.peer().empty()) span.Set("arasta.peer", call.peer());
  End(span, status, trace::IsServersFault(status.code()));
}

trace::Span ClientSpan(const Call& call, const google::protobuf::MethodDescriptor* method,
                       absl::string_view peer) {
  trace::Span span(call.trace(), trace::Kind::kClient, peer);
  if (!span.recording()) return span;
  span.Set("peer.service", peer);
  if (method != nullptr) {
    span.SetName(absl::StrCat(method->service()->full_name(), "/", method->name()));
    Describe(*method, span);
  }
  return span;
}

void EndClientSpan(trace::Span& span, const absl::Status& status) {
  End(span, status, !status.ok());
}

}  // namespace arasta::rpc
