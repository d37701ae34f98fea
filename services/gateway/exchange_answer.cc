// What the client is told in the end: the backend's last word, an error of the gateway's own, or one of its
// pages.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "services/gateway/exchange.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/gzip_inflater.h"

namespace arasta::gateway {
namespace {

constexpr size_t kPagePiece = 16 * 1024;
constexpr int64_t kAwaitRequestNs = 200'000'000;

std::string Json(absl::string_view message) {
  return absl::StrCat("{\"message\":\"", message, "\"}");
}

// A backend's values may begin and end with spaces. Clients of gRPC take them so, those of HTTP may not.
HeaderBlock WithoutSpacesAround(const HeaderBlock& fields) {
  HeaderBlock head;
  for (size_t i = 0; i < fields.size(); ++i) {
    head.Add(fields[i].name, absl::StripAsciiWhitespace(fields[i].value), fields[i].indexing);
  }
  return head;
}

// REST says in fields what its error says, too.
void AddMissing(const HeaderBlock& fields, HeaderBlock& head) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!head.Find(fields[i].name)) head.Add(fields[i].name, fields[i].value, fields[i].indexing);
  }
}

}  // namespace

void Exchange::SendPage(const Page& page) {
  const bool head_only = head_.method == "HEAD";
  finished_ = true;
  AwaitTaking();
  page_rest_ = head_only ? absl::string_view() : page.body;
  SendPiece();
  SendHeadWith(200, page.head, head_only);
  client_.AnswerChanged();
}

// A page is the same for all: only a piece of it waits for each client.
void Exchange::SendPiece() {
  answer_.queue.Append(page_rest_.substr(0, kPagePiece));
  page_rest_.remove_prefix(std::min(kPagePiece, page_rest_.size()));
  answer_.ended = page_rest_.empty();
}

void Exchange::Fail(const absl::Status& status) {
  Failure failure{ToTrailers(status), 0, {}};
  if (ReasonOf(status) == "COMPRESSION_UNSUPPORTED") {
    failure.trailers.Add("grpc-accept-encoding", kAcceptedEncodings);
  }
  FailWith(std::move(failure));
}

void Exchange::Break() {
  client_.GiveUp(NGHTTP2_INTERNAL_ERROR);
}

void Exchange::FailHttp(int http_status, std::string message, HeaderBlock fields) {
  FailWith({{}, http_status, std::move(message), std::move(fields)});
}

// Some clients lose an answer that comes before they have sent their request, so the rest of it is
// awaited for a moment.
void Exchange::FailWith(Failure failure) {
  if (finished_ || failure_) return;
  record_.ended_by = "local";
  Cancel();
  failure_ = std::move(failure);
  if (request_ended_ || sent_) return AnswerFailure();
  context_.loop.StartTimer(deadline_, kAwaitRequestNs);
}

void Exchange::AnswerFailure() {
  if (failure_->http_status == 0) return Finish(failure_->trailers);
  finished_ = true;
  AwaitTaking();
  record_.code = CodeFromHttpStatus(failure_->http_status);
  const std::string body = Json(failure_->message);
  HeaderBlock head;
  head.Add("content-type", "application/json");
  if (head_.method == "HEAD") {
    head.Add("content-length", absl::StrCat(body.size()));
    return SendHeadOnly(failure_->http_status, head);
  }
  SendHeadWith(failure_->http_status, head, /*last=*/false);
  answer_.queue.Append(body);
  End(HeaderBlock());
}

void Exchange::AwaitTaking() {
  context_.loop.StartTimer(deadline_, context_.limits.answer_stall_ns);
}

void Exchange::Finish(const HeaderBlock& trailers) {
  finished_ = true;
  AwaitTaking();
  record_.code = StatusCodeOf(trailers);
  // A client that is slow to take the answer costs us, but not the backend.
  place_.reset();
  // What was not taken never will be; the client may stop waiting for credit.
  request_ = ByteQueue();
  decoder_.reset();
  codec_->End(trailers, *this);
  CountBuffers();
}

void Exchange::SendHead(int http_status, const HeaderBlock& fields) {
  SendHeadWith(http_status, fields, /*last=*/false);
}

void Exchange::SendHeadOnly(int http_status, const HeaderBlock& fields) {
  answer_.ended = true;
  SendHeadWith(http_status, fields, /*last=*/true);
}

void Exchange::SendHeadWith(int http_status, const HeaderBlock& fields, bool last) {
  record_.http_status = http_status;
  const bool native = codec_ != nullptr && !codec_->from_browser();
  if (native && head_.origin.empty() && !failure_) return client_.SendHead(http_status, fields, last);
  HeaderBlock head = native ? fields : WithoutSpacesAround(fields);
  if (failure_) AddMissing(failure_->fields, head);
  if (!native) head.Add("x-request-id", request_id_, Indexing::kNever);
  if (!head_.origin.empty()) context_.cors.AddAnswerHeaders(head_.origin, head);
  client_.SendHead(http_status, head, last);
}

void Exchange::End(HeaderBlock trailers) {
  answer_.end = std::move(trailers);
  answer_.ended = true;
  client_.AnswerChanged();
}

}  // namespace arasta::gateway
