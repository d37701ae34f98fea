// Matchers that read as sentences: EXPECT_THAT(Find("tea"), IsOkAndHolds(Field(...))).
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/rpc/error_details.pb.h"

namespace arasta::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return arg.ok();
}

MATCHER_P(IsOkAndHoldsMatching, matcher, "is OK and holds a value that matches") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  *result_listener << "which holds " << ::testing::PrintToString(*arg) << " ";
  return ::testing::ExplainMatchResult(matcher, *arg, result_listener);
}

// Takes a value or a matcher of one.
template <class Matcher>
auto IsOkAndHolds(Matcher&& matcher) {
  return IsOkAndHoldsMatching(std::forward<Matcher>(matcher));
}

MATCHER_P2(StatusIsMatching, code, message, "has the status") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code && ::testing::Matches(message)(std::string(StatusOf(arg).message()));
}

inline auto StatusIs(absl::StatusCode code) {
  return StatusIsMatching(code, ::testing::_);
}
// `message` is a matcher, or the whole message.
template <class Message>
auto StatusIs(absl::StatusCode code, Message message) {
  return StatusIsMatching(code, message);
}

MATCHER_P(HasReason, reason, "has the reason " + std::string(reason)) {
  *result_listener << StatusOf(arg).ToString() << " with reason \"" << ReasonOf(StatusOf(arg)) << "\"";
  return ReasonOf(StatusOf(arg)) == reason;
}

// Names `field` in its BadRequest.
MATCHER_P(HasViolation, field, "names the field " + std::string(field)) {
  *result_listener << StatusOf(arg).ToString();
  google::rpc::BadRequest bad_request;
  const auto payload = StatusOf(arg).GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (!payload || !bad_request.ParseFromString(std::string(*payload))) return false;
  for (const auto& violation : bad_request.field_violations()) {
    if (violation.field() == field) return true;
  }
  return false;
}

// Compares with a message or with one in text format, which may leave nothing out.
MATCHER_P(EqualsProtoText, text, "equals " + std::string(text)) {
  std::remove_cvref_t<decltype(arg)> expected;
  if (!google::protobuf::TextFormat::ParseFromString(text, &expected)) {
    *result_listener << "the expected text does not parse as " << arg.GetTypeName();
    return false;
  }
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  const bool equal = differencer.Compare(expected, arg);
  *result_listener << "which differs: " << differences;
  return equal;
}

inline auto EqualsProto(const std::string& text) {
  return EqualsProtoText(text);
}
inline auto EqualsProto(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return EqualsProtoText(text);
}

}  // namespace arasta::testing
