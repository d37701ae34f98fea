#include "services/notification/notification_admin_service.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/notification/page.h"

namespace arasta::notification {
namespace {

constexpr absl::string_view kDeadLetters = "deadLetters/";

// The contract counts as the domain does, from one.
v1::Delivery::State ToProto(DeliveryState state) {
  static_assert(static_cast<int>(DeliveryState::kAccepted) + 1 == v1::Delivery::STATE_ACCEPTED);
  static_assert(static_cast<int>(DeliveryState::kDead) + 1 == v1::Delivery::STATE_DEAD);
  return static_cast<v1::Delivery::State>(static_cast<int>(state) + 1);
}

absl::StatusOr<std::optional<DeliveryState>> StateOf(v1::Delivery::State state) {
  if (!v1::Delivery::State_IsValid(state)) return InvalidField("state", "is not a state");
  if (state == v1::Delivery::STATE_UNSPECIFIED) return std::nullopt;
  return static_cast<DeliveryState>(state - 1);
}

v1::DeliveryAttempt::Outcome ToProto(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::kSent:
      return v1::DeliveryAttempt::OUTCOME_SENT;
    case AttemptOutcome::kTransient:
      return v1::DeliveryAttempt::OUTCOME_TRANSIENT_FAILURE;
    case AttemptOutcome::kPermanent:
      return v1::DeliveryAttempt::OUTCOME_PERMANENT_FAILURE;
    case AttemptOutcome::kUnknown:
      break;
  }
  return v1::DeliveryAttempt::OUTCOME_UNKNOWN;
}

v1::Channel ChannelOf(absl::string_view channel) {
  if (channel == "email") return v1::CHANNEL_EMAIL;
  if (channel == "sms") return v1::CHANNEL_SMS;
  if (channel == "webhook") return v1::CHANNEL_WEBHOOK;
  return v1::CHANNEL_IN_APP;
}

void SetDuration(absl::Duration duration, google::protobuf::Duration* proto) {
  proto->set_seconds(absl::ToInt64Seconds(duration));
  proto->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Trunc(duration, absl::Seconds(1)))));
}

v1::DeliveryAttempt ToProto(const Attempt& attempt) {
  v1::DeliveryAttempt proto;
  proto.set_number(attempt.number);
  proto.set_provider(attempt.provider);
  proto.set_outcome(ToProto(attempt.result.outcome));
  proto.set_code(attempt.result.code);
  proto.set_reason(attempt.result.reason);
  *proto.mutable_start_time() = TimestampOf(attempt.start_time);
  SetDuration(attempt.result.latency, proto.mutable_latency());
  return proto;
}

v1::Delivery ToProto(const LoggedDelivery& delivery) {
  v1::Delivery proto;
  proto.set_name(absl::StrCat("notifications/", delivery.notification.ToString(), "/deliveries/",
                              delivery.id.ToString()));
  proto.set_recipient(delivery.recipient);
  proto.set_channel(ChannelOf(delivery.channel));
  proto.set_category(CategoryOf(delivery.category));
  proto.set_template_(delivery.message_template);
  proto.set_subject(delivery.subject);
  proto.set_state(ToProto(delivery.state));
  proto.set_reason(delivery.reason);
  for (const Attempt& attempt : delivery.attempts) *proto.add_attempts() = ToProto(attempt);
  *proto.mutable_create_time() = TimestampOf(delivery.create_time);
  *proto.mutable_update_time() = TimestampOf(delivery.update_time);
  *proto.mutable_expire_time() = TimestampOf(delivery.expire_time);
  if (delivery.next_attempt_time.has_value()) {
    *proto.mutable_next_attempt_time() = TimestampOf(*delivery.next_attempt_time);
  }
  return proto;
}

v1::DeadLetter ToProto(const events::DeadLetter& letter) {
  v1::DeadLetter proto;
  proto.set_name(absl::StrCat(kDeadLetters, letter.event_id));
  proto.set_producer(letter.producer);
  proto.set_event_id(letter.event_id);
  proto.set_type(letter.type);
  proto.set_aggregate(letter.aggregate);
  proto.set_aggregate_version(letter.aggregate_version);
  proto.set_attempt_count(letter.attempts);
  proto.set_last_error(letter.last_error);
  *proto.mutable_create_time() = TimestampOf(letter.create_time);
  return proto;
}

absl::StatusOr<std::string> EventIdOf(const std::string& name) {
  const absl::optional<Uuid> id = Uuid::Parse(absl::StripPrefix(name, kDeadLetters));
  if (!absl::StartsWith(name, kDeadLetters) || !id.has_value()) {
    return InvalidField("names", "is not like deadLetters/0193f2c4-0000-7000-8000-000000000001");
  }
  return id->ToString();
}

}  // namespace

absl::StatusOr<v1::ListDeliveriesResponse> NotificationAdminService::ListDeliveries(
    const Call& call, const v1::ListDeliveriesRequest& request) const {
  ASSIGN_OR_RETURN(Page page, Page::Of(request, pages_));
  ASSIGN_OR_RETURN(std::optional<DeliveryState> state, StateOf(request.state()));
  const DeliveryFilter filter{.state = state, .recipient = request.recipient(), .subject = request.subject()};
  ASSIGN_OR_RETURN(std::vector<LoggedDelivery> deliveries,
                   deliveries_.List(call, filter, page.before, page.size + 1));
  v1::ListDeliveriesResponse response;
  response.set_next_page_token(page.TakeNextToken(deliveries, pages_));
  for (const LoggedDelivery& delivery : deliveries) *response.add_deliveries() = ToProto(delivery);
  return response;
}

absl::StatusOr<v1::ListDeadLettersResponse> NotificationAdminService::ListDeadLetters(
    const Call& call, const v1::ListDeadLettersRequest& request) const {
  const int size = PageSizeOf(request);
  const std::string fingerprint = rpc::FingerprintOf(request);
  ASSIGN_OR_RETURN(std::string cursor, pages_.Decode(request.page_token(), fingerprint));
  int64_t after = 0;
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &after))
    return InvalidField("page_token", "is not from this list");
  ASSIGN_OR_RETURN(std::vector<events::DeadLetter> letters, dead_letters_.List(call, after, size + 1));
  v1::ListDeadLettersResponse response;
  if (letters.size() > static_cast<size_t>(size)) {
    letters.pop_back();
    response.set_next_page_token(pages_.Encode(absl::StrCat(letters.back().id), fingerprint));
  }
  for (const events::DeadLetter& letter : letters) *response.add_dead_letters() = ToProto(letter);
  return response;
}

absl::StatusOr<v1::RedriveDeadLettersResponse> NotificationAdminService::RedriveDeadLetters(
    const Call& call, const v1::RedriveDeadLettersRequest& request) const {
  std::vector<std::string> event_ids;
  for (const std::string& name : request.names()) {
    ASSIGN_OR_RETURN(event_ids.emplace_back(), EventIdOf(name));
  }
  ASSIGN_OR_RETURN(int count, dead_letters_.Redrive(call, event_ids));
  v1::RedriveDeadLettersResponse response;
  response.set_redriven_count(count);
  return response;
}

}  // namespace arasta::notification
