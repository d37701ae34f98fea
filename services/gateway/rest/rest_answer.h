// A REST call's answer: the messages of a backend as JSON, in the form that the client accepts.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/rest/rest_binding.h"

namespace arasta::gateway {

class RouteTable;

enum class RestForm {
  kSingle,  // one message, or an error
  // Of streams. One that fails after it began ends with an element {"error": …}.
  kArray,   // [first,second]
  kLines,   // application/x-ndjson
  kEvents,  // text/event-stream; "event: error" or "event: end" comes last
  kPieces,  // the data of each google.api.HttpBody as it comes; one that fails is cut off
};

// For a stream, by the client's Accept: an array unless one of the others is named.
RestForm StreamForm(absl::string_view accept);

class RestAnswer {
 public:
  // `binding` is null where the answer can only be an error.
  RestAnswer(const RouteTable& routes, const RestBinding* binding, RestForm form, const RequestHead& head);

  void Head(const HeaderBlock& metadata) { PassOn(metadata); }
  // Pieces of gRPC's frames.
  void Messages(absl::string_view frames, HttpAnswer& answer);
  void End(const HeaderBlock& trailers, HttpAnswer& answer);
  size_t held() const { return incomplete_.capacity() + (single_ ? single_->capacity() : 0); }

 private:
  void PassOn(const HeaderBlock& metadata);
  absl::Status TakeMessages(HttpAnswer& answer);
  absl::Status TakeMessage(absl::string_view message, HttpAnswer& answer);
  absl::Status ToBody(absl::string_view message, std::string& body);
  absl::Status ToJson(absl::string_view message, std::string& json) const;
  absl::string_view ContentType() const;
  void SendHead(int http_status, absl::string_view content_type, HttpAnswer& answer);
  void SendElement(absl::string_view json, absl::string_view event, HttpAnswer& answer);
  void SendWhole(int http_status, absl::string_view content_type, std::string body, HttpAnswer& answer);
  void EndStream(HttpAnswer& answer);
  void EndWithError(const HeaderBlock& trailers, HttpAnswer& answer);

  const RouteTable& routes_;
  const RestBinding* const binding_;
  const RestForm form_;
  const bool head_only_;  // the request was HEAD
  const bool takes_gzip_;
  HeaderBlock head_;        // of the answer, while it has not begun
  std::string incomplete_;  // the beginning of a frame
  absl::optional<std::string> single_;
  std::string raw_type_;  // of the first HttpBody
  bool begun_ = false;
  int elements_ = 0;
};

}  // namespace arasta::gateway
