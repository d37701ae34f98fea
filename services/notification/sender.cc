#include "services/notification/sender.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/call/call.h"
#include "common/log/log.h"
#include "common/trace/span.h"
#include "services/notification/mime.h"

namespace arasta::notification {
namespace {

// Of one look at the database or at a peer, within the lease; an attempt at the SMTP server has its own.
constexpr absl::Duration kStepTimeout = absl::Seconds(5);
constexpr absl::Duration kPauseAfterError = absl::Seconds(1);
// Writing down that a mail went out is worth more than one try: failing means sending it twice.
constexpr int kSettleTries = 3;

metrics::Counter& AttemptCounter(const char* outcome) {
  return metrics::NewCounter("arasta_notification_attempts_total",
                             "Attempts to hand a mail to the SMTP server", {{"outcome", outcome}});
}

Call StepCall() {
  return Call::Background("notification.Sender", absl::Now() + kStepTimeout);
}

// Without an answer, or with the one of a server that is going down, it is not about this mail.
Trouble TroubleOf(const AttemptResult& attempt) {
  constexpr int kServiceNotAvailable = 421;
  return attempt.code == 0 || attempt.code == kServiceNotAvailable ? Trouble::kAway : Trouble::kRefused;
}

trace::Context TraceOf(const ClaimedDelivery& claimed) {
  const absl::optional<trace::Context> cause = trace::Context::Parse(claimed.traceparent);
  return cause.has_value() ? *cause : trace::Context::NewUnsampled();
}

// A step under the trace of the event that the delivery came from.
Call StepCallFor(const ClaimedDelivery& claimed) {
  return Call(
      {.deadline = absl::Now() + kStepTimeout, .trace = TraceOf(claimed), .method = "notification.Sender"});
}

// The step itself is a span; from now on `claimed` names that one.
trace::Span BeginStep(ClaimedDelivery& claimed) {
  const bool writes = claimed.state == DeliveryState::kAccepted;
  trace::Span span(TraceOf(claimed), trace::Kind::kInternal, writes ? "write mail" : "send mail");
  if (!span.recording()) return span;
  span.Set("arasta.delivery", claimed.id.ToString());
  span.Set("arasta.template", claimed.message_template);
  claimed.traceparent = span.context().ToTraceparent();
  return span;
}

void WaitFor(std::stop_token stop, absl::Duration duration) {
  Mutex mutex;
  CondVar never;
  mutex.lock();
  never.WaitFor(mutex, stop, duration, [] { return false; });
  mutex.unlock();
}

}  // namespace

Sender::Sender(SenderOptions options, const SmtpOptions& smtp, const DeliveryStore& deliveries,
               Contacts& contacts, const Renderer& renderer, const Clock& clock)
    : options_(std::move(options)),
      smtp_(smtp),
      deliveries_(deliveries),
      contacts_(contacts),
      renderer_(renderer),
      clock_(clock),
      sent_(AttemptCounter("sent")),
      transient_(AttemptCounter("transient")),
      permanent_(AttemptCounter("permanent")),
      smtp_seconds_(metrics::NewHistogram("arasta_notification_smtp_seconds", "How long an attempt took")) {}

void Sender::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const absl::StatusOr<bool> worked = RunOnce();
    if (!worked.ok()) {
      log::Warning("sender step failed", {{"code", absl::StatusCodeToString(worked.status().code())},
                                          {"reason", ReasonOf(worked.status())}});
    }
    if (!worked.ok() || !*worked) WaitFor(stop, worked.ok() ? options_.idle_wait : kPauseAfterError);
  }
}

absl::StatusOr<bool> Sender::RunOnce() {
  ASSIGN_OR_RETURN(std::optional<ClaimedDelivery> claimed, deliveries_.Claim(StepCall(), options_.lease));
  if (!claimed.has_value()) return false;
  trace::Span span = BeginStep(*claimed);
  const absl::Status advanced = Advance(StepCallFor(*claimed), *claimed);
  span.SetStatus(advanced, /*failed=*/true);
  RETURN_IF_ERROR(advanced);
  return true;
}

absl::Status Sender::Advance(const Call& call, const ClaimedDelivery& claimed) {
  if (claimed.expired) return Settle(claimed, {DeliveryState::kExpired, "TOO_LATE"});
  if (claimed.state == DeliveryState::kAccepted) return Prepare(call, claimed);
  return Send(call, claimed);
}

// Nothing has gone out yet: dying anywhere in here only means that it is done again.
absl::Status Sender::Prepare(const Call& call, const ClaimedDelivery& claimed) {
  const absl::StatusOr<Contact> contact = contacts_.Find(call, claimed.recipient, claimed.subject);
  if (absl::IsNotFound(contact.status())) return Settle(claimed, {DeliveryState::kSuppressed, "NO_CONTACT"});
  if (!contact.ok())
    return Settle(claimed, Again(claimed, DeliveryState::kAccepted, Trouble::kAway, "CONTACT_UNAVAILABLE"));
  const absl::StatusOr<MailAddress> to = MailAddress::Parse(contact->email);
  if (!to.ok()) return Settle(claimed, {DeliveryState::kSuppressed, "INVALID_ADDRESS"});

  nlohmann::json variables = claimed.variables;
  variables["display_name"] = contact->display_name;
  const std::string& locale = contact->locale.empty() ? claimed.locale : contact->locale;
  const absl::StatusOr<RenderedMessage> rendered =
      renderer_.Render(claimed.message_template, locale, variables);
  if (!rendered.ok()) return Settle(claimed, {DeliveryState::kDead, ReasonOf(rendered.status())});
  const absl::StatusOr<std::string> mail = Write(claimed, *to, *rendered);
  if (!mail.ok()) return Settle(claimed, {DeliveryState::kDead, ReasonOf(mail.status())});
  return deliveries_.Freeze(call, claimed, *rendered, to->text(), *mail);
}

absl::StatusOr<std::string> Sender::Write(const ClaimedDelivery& claimed, const MailAddress& to,
                                          const RenderedMessage& rendered) const {
  return WriteMail({.from_name = options_.from_name,
                    .from = options_.from,
                    .to = to,
                    .subject = rendered.subject,
                    .language = rendered.locale,
                    .text = rendered.text,
                    .html = rendered.html,
                    .id = claimed.notification.ToString(),
                    .date = clock_.Now()});
}

// Dying between the two crash points sends the same bytes again when the lease ends: once more at most,
// under the same Message-ID.
absl::Status Sender::Send(const Call& call, const ClaimedDelivery& claimed) {
  ASSIGN_OR_RETURN(const MailAddress to, MailAddress::Parse(claimed.address));
  CrashPoint("notification.before_send");
  const AttemptResult attempt = Attempt(call, claimed, to);
  CrashPoint("notification.after_send");
  smtp_seconds_.Observe(absl::ToDoubleSeconds(attempt.latency));
  log::Info("mail attempt", {{"delivery", claimed.id.ToString()},
                             {"template", claimed.message_template},
                             {"outcome", TextOf(attempt.outcome)},
                             {"smtp_code", attempt.code},
                             {"trace_id", call.trace().trace_id()}});
  switch (attempt.outcome) {
    case AttemptOutcome::kSent:
      sent_.Increment();
      return Settle(claimed, {DeliveryState::kSent}, attempt);
    case AttemptOutcome::kPermanent:
      permanent_.Increment();
      return Settle(claimed, {DeliveryState::kBounced, absl::StrCat("SMTP_", attempt.code)}, attempt);
    default:
      transient_.Increment();
      return Settle(claimed, Again(claimed, DeliveryState::kQueued, TroubleOf(attempt), attempt.reason),
                    attempt);
  }
}

// A slow server may take longer than the lease. Who has lost it all the same lets go of the mail: another
// sender has it.
AttemptResult Sender::Attempt(const Call& call, const ClaimedDelivery& claimed, const MailAddress& to) {
  trace::Span span(call.trace(), trace::Kind::kClient, "smtp send");
  absl::Time renewed = clock_.Now();
  AttemptResult attempt = smtp_.Send(options_.from, to, claimed.message, [&] {
    if (clock_.Now() - renewed < options_.lease / 3) return true;
    renewed = clock_.Now();
    return ReasonOf(deliveries_.Renew(StepCallFor(claimed), claimed, options_.lease)) != "LEASE_LOST";
  });
  span.Set("arasta.smtp_code", attempt.code);
  if (attempt.outcome != AttemptOutcome::kSent)
    span.SetStatus(Error(absl::StatusCode::kUnavailable, attempt.reason, "not sent"), /*failed=*/true);
  return attempt;
}

absl::Status Sender::Settle(const ClaimedDelivery& claimed, const NextStep& next,
                            const std::optional<AttemptResult>& attempt) {
  absl::Status status;
  for (int tries = 0; tries < kSettleTries; ++tries) {
    // A time of its own: the step's may have gone into a slow server, or into a clock that was set.
    status = deliveries_.Settle(StepCallFor(claimed), claimed, next, attempt);
    if (!absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status)) break;
  }
  return status;
}

NextStep Sender::Again(const ClaimedDelivery& claimed, DeliveryState state, Trouble trouble,
                       std::string reason) {
  const int failures = claimed.failures + 1;
  if (failures >= MaxFailures(trouble)) return {DeliveryState::kDead, std::move(reason)};
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  return {state, std::move(reason), RetryDelay(trouble, failures, uniform(random_))};
}

}  // namespace arasta::notification
