// A piece of work for a trace, from construction to End or destruction.
//
//   trace::Span span(call.trace(), trace::Kind::kClient, "mail send");
//   … work under span.context() …
//   if (span.recording()) span.Set("arasta.template", name);
//
// Nothing is kept, and nothing allocated, where the process exports no traces or the parent is not sampled:
// then the span is transparent, and what is below it hangs on its parent. Names and attributes carry no
// personal data, no secrets, no parameters of statements; where OpenTelemetry has a name for an attribute, it
// is that.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/trace/recording.h"
#include "common/trace/trace.h"

namespace arasta::trace {

// Codes of gRPC that make a server's span a failed one: the others blame the caller.
bool IsServersFault(absl::StatusCode code);

// Movable, for one thread at a time.
class Span {
 public:
  Span(const Context& parent, Kind kind, absl::string_view name);
  // Where there is no parent a trace begins, sampled by the ratio.
  Span(const absl::optional<Context>& parent, Kind kind, absl::string_view name);
  Span(Span&&) noexcept = default;
  Span& operator=(Span&&) = delete;
  ~Span() { End(); }

  // What is done below this span is done under.
  const Context& context() const { return context_; }
  bool recording() const { return record_ != nullptr; }

  // No-ops where nothing is recorded. `key` is a literal.
  void SetName(std::string name);
  void Set(absl::string_view key, absl::string_view value);
  void Set(absl::string_view key, int64_t value);
  // How the work ended: OK is not mentioned, anything else by its reason or code, as messages may quote what
  // they are about. `failed` where it is a fault, not an answer.
  void SetStatus(const absl::Status& status, bool failed);

  void End();

 private:
  void Begin(const absl::optional<Context>& parent, Kind kind, absl::string_view name);

  Context context_;
  std::unique_ptr<SpanRecord> record_;
};

}  // namespace arasta::trace
