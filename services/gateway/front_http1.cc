#include "services/gateway/front_http1.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace arasta::gateway {
namespace {

constexpr size_t kMaxUnread = 64 * 1024;
constexpr size_t kMaxChunk = 16 * 1024;

const char* ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

}  // namespace

FrontHttp1::FrontHttp1(Loop& loop, Owner& owner, const FrontLimits& limits, Socket socket, FrontPeer peer)
    : Connection(loop, std::move(socket), /*connecting=*/false),
      owner_(owner),
      limits_(limits),
      peer_(std::move(peer)),
      parser_({.max_head_bytes = limits.max_header_bytes}),
      too_slow_([this] { parser_.idle() ? Close() : Refuse(408, ReasonPhrase(408)); }) {
  WatchTime();
}

FrontHttp1::~FrontHttp1() = default;

// Between requests a connection may idle; a head that has begun must go on.
void FrontHttp1::WatchTime() {
  if (exchange_) return too_slow_.Cancel();
  const int64_t idle_ns = draining_ ? limits_.last_request_ns : limits_.idle_timeout_ns;
  loop().StartTimer(too_slow_, parser_.idle() ? idle_ns : limits_.head_timeout_ns);
}

// HTTP/1.1 has no GOAWAY: a client learns of it from its next answer, and closing before would lose what is
// on its way to us. Who does not ask in time is cut off.
void FrontHttp1::Drain() {
  draining_ = true;
  if (open() && parser_.idle()) WatchTime();
}

void FrontHttp1::OnInput(absl::string_view bytes) {
  if (close_when_sent_) return;
  const bool was_idle = parser_.idle();
  input_.append(bytes.data(), bytes.size());
  Process();
  if (open() && !exchange_ && was_idle != parser_.idle()) WatchTime();
}

// Parses as far as the present request goes; what belongs to the next one stays in input_.
void FrontHttp1::Process() {
  absl::string_view input = input_;
  bool more = true;
  while (more && !close_when_sent_ && !(exchange_ && request_ended_)) {
    switch (parser_.Next(input)) {
      case Http1Parser::Event::kNeedMore:
        more = false;
        break;
      case Http1Parser::Event::kHead:
        BeginExchange();
        break;
      case Http1Parser::Event::kData:
        unread_body_ += parser_.data().size();
        exchange_->OnRequestData(parser_.data());
        break;
      case Http1Parser::Event::kEnd:
        request_ended_ = true;
        exchange_->OnRequestEnd();
        break;
      case Http1Parser::Event::kBad:
        Refuse(parser_.bad_status(), ReasonPhrase(parser_.bad_status()));
        break;
    }
  }
  input_.erase(0, input_.size() - input.size());
  BalanceReading();
}

Exchange& FrontHttp1::NewExchange() {
  request_ended_ = answer_begun_ = false;
  unread_body_ = 0;
  keep_alive_ = parser_.keep_alive();
  body_allowed_ = !parser_.is_head_method();
  ClientStream& stream = *this;
  exchange_ = std::make_unique<Exchange>(owner_.context(), stream, parser_.TakeFields());
  WatchTime();
  return *exchange_;
}

void FrontHttp1::BeginExchange() {
  Exchange& exchange = NewExchange();
  exchange.Begin();
  if (!parser_.expects_continue() || answer_begun_) return;
  if (!exchange.wants_request()) {
    keep_alive_ = false;
    return exchange.OnRequestEnd();
  }
  output().append("HTTP/1.1 100 Continue\r\n\r\n");
  FlushSoon();
}

void FrontHttp1::Refuse(int http_status, std::string message) {
  if (exchange_ && answer_begun_) {
    exchange_.reset();
    close_when_sent_ = true;
    return FlushSoon();
  }
  Exchange& exchange = exchange_ ? *exchange_ : NewExchange();
  keep_alive_ = false;
  request_ended_ = true;
  exchange.Refuse(http_status, std::move(message));
  exchange.OnRequestEnd();
}

void FrontHttp1::SendHead(int http_status, const HeaderBlock& fields, bool last) {
  answer_begun_ = true;
  const bool has_length = fields.Find("content-length").has_value();
  chunked_answer_ = !last && !has_length && !parser_.is_http10();
  keep_alive_ = keep_alive_ && !draining_ && (last || has_length || chunked_answer_);
  std::string& out = output();
  absl::StrAppend(&out, "HTTP/1.1 ", http_status, " ", ReasonPhrase(http_status), "\r\n");
  for (size_t i = 0; i < fields.size(); ++i) {
    absl::StrAppend(&out, fields[i].name, ": ", fields[i].value, "\r\n");
  }
  if (chunked_answer_) out.append("transfer-encoding: chunked\r\n");
  if (last && !has_length && http_status != 204) out.append("content-length: 0\r\n");
  if (!keep_alive_) {
    out.append("connection: close\r\n");
  } else if (parser_.is_http10()) {
    out.append("connection: keep-alive\r\n");
  }
  out.append("\r\n");
  FlushSoon();
}

void FrontHttp1::GiveUp(uint32_t) {
  given_up_ = true;
  FlushSoon();
}

void FrontHttp1::FillOutput() {
  if (given_up_) return Close();
  if (exchange_ && answer_begun_) SendBody();
}

void FrontHttp1::SendBody() {
  OutgoingBody& body = exchange_->answer();
  while (!body.bytes().empty() && unsent() < kOutputMark) {
    const absl::string_view piece = body.bytes().front().substr(0, kMaxChunk);
    if (body_allowed_) {
      if (chunked_answer_) absl::StrAppendFormat(&output(), "%x\r\n", piece.size());
      output().append(piece.data(), piece.size());
      if (chunked_answer_) output().append("\r\n");
    }
    const size_t count = piece.size();
    body.bytes().Take(count);
    body.OnTaken(count);
  }
  if (body.complete() && body.bytes().empty()) EndExchange();
}

void FrontHttp1::EndExchange() {
  if (chunked_answer_ && body_allowed_) output().append("0\r\n\r\n");
  exchange_.reset();
  unread_body_ = 0;
  // A request that is answered before its end would have to be read to the end for nothing.
  if (!keep_alive_ || !request_ended_) {
    close_when_sent_ = true;
    return;
  }
  WatchTime();
  Process();
}

void FrontHttp1::CreditRequest(size_t count) {
  unread_body_ -= std::min(count, unread_body_);
  BalanceReading();
}

void FrontHttp1::BalanceReading() {
  PauseReading(input_.size() + unread_body_ > kMaxUnread);
}

void FrontHttp1::OnClosed() {
  exchange_.reset();
  too_slow_.Cancel();
  owner_.OnClosed(*this);
}

}  // namespace arasta::gateway
