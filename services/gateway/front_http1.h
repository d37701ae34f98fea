// A client's HTTP/1.1 connection: one request at a time, pipelined ones wait their turn.
#pragma once

#include <memory>
#include <string>

#include "services/gateway/connection.h"
#include "services/gateway/exchange.h"
#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/http1_parser.h"

namespace arasta::gateway {

class FrontHttp1 final : public Connection, public FrontConnection, private ClientStream {
 public:
  FrontHttp1(Loop& loop, Owner& owner, const FrontLimits& limits, Socket socket, FrontPeer peer);
  ~FrontHttp1() override;

  void Begin(absl::string_view first_bytes) override { OnInput(first_bytes); }
  void Drain() override;
  // A head that is none, or a body that broke off in the middle: answered where that is still possible, and
  // the connection ends. In place of Begin too.
  void Refuse(int http_status, std::string message);

 private:
  // Connection
  void OnInput(absl::string_view bytes) override;
  void FillOutput() override;
  bool Finished() const override { return close_when_sent_; }
  void OnClosed() override;

  // ClientStream
  void SendHead(int http_status, const HeaderBlock& fields, bool last) override;
  void AnswerChanged() override { FlushSoon(); }
  void CreditRequest(size_t count) override;
  void GiveUp(uint32_t http2_error) override;
  bool is_http2() const override { return false; }
  const FrontPeer& peer() const override { return peer_; }

  void Process();
  Exchange& NewExchange();
  void BeginExchange();
  void SendBody();
  void EndExchange();
  void BalanceReading();
  void WatchTime();

  Owner& owner_;
  const FrontLimits& limits_;
  const FrontPeer peer_;
  Http1Parser parser_;
  std::string input_;  // not parsed yet: of requests that wait for the present one
  std::unique_ptr<Exchange> exchange_;
  Timer too_slow_;
  size_t unread_body_ = 0;  // request bytes the backend has not taken
  bool request_ended_ = false;
  bool chunked_answer_ = false;
  bool body_allowed_ = true;
  bool answer_begun_ = false;
  bool keep_alive_ = true;
  bool draining_ = false;
  bool close_when_sent_ = false;
  bool given_up_ = false;
};

}  // namespace arasta::gateway
