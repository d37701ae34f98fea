#include "common/trace/span.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/base/errors.h"

namespace arasta::trace {
namespace {

Context NewTrace() {
  const Context root = Context::NewRoot();
  return IsSampled(root.trace_id_end()) ? root : Context::NewUnsampled();
}

}  // namespace

bool IsServersFault(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

Span::Span(const Context& parent, Kind kind, absl::string_view name) : context_(parent) {
  if (!IsRecording() || !parent.sampled()) return;
  context_ = parent.Child();
  Begin(parent, kind, name);
}

Span::Span(const absl::optional<Context>& parent, Kind kind, absl::string_view name)
    : context_(parent.has_value() ? *parent : NewTrace()) {
  if (!IsRecording() || !context_.sampled()) return;
  if (parent.has_value()) context_ = parent->Child();
  Begin(parent, kind, name);
}

void Span::Begin(const absl::optional<Context>& parent, Kind kind, absl::string_view name) {
  record_ = std::make_unique<SpanRecord>(SpanRecord{
      .context = context_, .parent = parent, .kind = kind, .name = std::string(name), .start = absl::Now()});
}

void Span::SetName(std::string name) {
  if (record_) record_->name = std::move(name);
}

void Span::Set(absl::string_view key, absl::string_view value) {
  if (record_) record_->attributes.push_back({key, std::string(value)});
}

void Span::Set(absl::string_view key, int64_t value) {
  if (record_) record_->attributes.push_back({key, value});
}

void Span::SetStatus(const absl::Status& status, bool failed) {
  if (!record_ || status.ok()) return;
  const std::string reason = ReasonOf(status);
  Set("error.type", reason.empty() ? absl::StatusCodeToString(status.code()) : reason);
  record_->failed = failed;
}

void Span::End() {
  if (!record_) return;
  record_->end = absl::Now();
  Keep(std::move(*record_));
  record_.reset();
}

}  // namespace arasta::trace
