// One call through the gateway, from the client's request head to the last byte of the answer.
//
// Who owns whom. A client connection owns its streams, a stream owns its Exchange, an Exchange owns its
// codec and is the BackCall that a backend connection points to. Everything of a call lives on one loop,
// so nothing is locked or counted. An exchange ends by being destroyed, by its stream alone: if the
// backend is still busy then, its stream is reset at that moment.
//
// Where bytes wait. The request waits in BackCall's queue, the answer in answer_.bytes(). Where request
// messages are compressed or not protobuf, they wait in decoder_ first, as they came; what a protocol can't
// tell in pieces waits in its codec. The client's stream credit is returned when the backend connection took
// request bytes, the backend's when the client's connection took answer bytes. So each queue holds at most
// about one stream window, and a side that does not read stops the other side's sender. A request that is
// small stays in its queue until the answer begins, as it may have to be sent again. What all queues and
// codecs of a worker hold together is counted, and calls are turned away while that is too much.
//
//   client connection --OnRequest*--> codec --[decoder_]--> BackCall::request_ --> backend connection
//   client connection <---answer_---- codec <----frames---- BackCall::On*      <-- backend connection
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "services/gateway/authenticator.h"
#include "services/gateway/back_call.h"
#include "services/gateway/backend.h"
#include "services/gateway/call_log.h"
#include "services/gateway/cors.h"
#include "services/gateway/front_choice.h"
#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/message_decoder.h"
#include "services/gateway/rate_limiter.h"
#include "services/gateway/request_head.h"
#include "services/gateway/routes.h"
#include "services/gateway/trusted_proxies.h"

namespace arasta::gateway {

// What the exchanges share that a worker serves under one configuration.
struct ExchangeContext {
  Loop& loop;
  const RouteTable& routes;
  const Cors& cors;
  Authenticator& authenticator;
  CallLog& calls;
  const FrontLimits& limits;
  RateLimiter& rates;
  const TrustedProxies& proxies;
  const std::vector<std::shared_ptr<Backend>>& backends;
  // What all exchanges of the worker hold of requests and answers.
  size_t& buffered_bytes;
  absl::InsecureBitGen random;
  size_t running = 0;  // the context outlives them
};

// The client's side: an HTTP/2 stream, or an HTTP/1.1 connection's current request. Nothing here calls
// back into the exchange at once.
class ClientStream {
 public:
  // The body follows from Exchange::answer() unless `last`.
  virtual void SendHead(int http_status, const HeaderBlock& fields, bool last) = 0;
  virtual void AnswerChanged() = 0;
  virtual void CreditRequest(size_t count) = 0;
  // Ends an answer in the middle: a reset, with this code, where HTTP has those; otherwise the connection
  // ends.
  virtual void GiveUp(uint32_t http2_error) = 0;
  virtual bool is_http2() const = 0;
  virtual const FrontPeer& peer() const = 0;

 protected:
  ~ClientStream() = default;
};

class Exchange final : public BackCall, private HttpAnswer, private Authenticator::Waiter {
 public:
  // `fields` hold the pseudo-fields of HTTP/2 whichever HTTP it was.
  Exchange(ExchangeContext& context, ClientStream& client, HeaderBlock fields);
  ~Exchange() override;

  // Decides about the call; at once after construction.
  void Begin();
  // In place of Begin, or later: what the client sent is not HTTP, or too much of it. A head that is too
  // large (431) is told in the client's protocol.
  void Refuse(int http_status, std::string message);
  void OnRequestData(absl::string_view bytes);
  void OnRequestEnd();
  // False as soon as the answer does not depend on what is still to come.
  bool wants_request() const { return !finished_ && !failure_; }

  // The answer's body, for the client's stream to send from.
  OutgoingBody& answer() { return answer_; }
  bool answered() const { return answer_.complete(); }

 private:
  struct Answer final : OutgoingBody {
    explicit Answer(Exchange& owner) : exchange(owner) {}
    ByteQueue& bytes() override { return queue; }
    bool complete() const override { return ended; }
    const HeaderBlock& trailers() const override { return end; }
    void OnTaken(size_t count) override { exchange.OnAnswerTaken(count); }

    Exchange& exchange;
    ByteQueue queue;
    HeaderBlock end;
    bool ended = false;
  };

  // An error of the gateway's own.
  struct Failure {
    HeaderBlock trailers;
    int http_status = 0;  // with `message`, where there is no protocol to say it in
    std::string message;
    HeaderBlock fields = {};  // of the answer's head, whatever the protocol
  };

  // The steps of Begin. Those that return false have answered the call.
  bool Preflight();
  bool Route();
  void SendPage(const Page& page);
  void SendPiece();
  bool CheckRate(size_t rate, uint64_t key);
  bool CheckRequest();
  void Authenticate();
  void OnKeys() override;

  void ReadyToSend();
  void SendToBackend();
  void AnswerHere();
  // False where the call can't be made again; otherwise it is under way. `answer` is what the client would
  // have been told.
  bool TryAgain(Again again, const HeaderBlock& answer);
  bool RetriedOn(absl::StatusCode code) const { return method_->retry_on[static_cast<size_t>(code)]; }
  void PassHead(const HeaderBlock& head);
  void PassHeldHead();
  void NoteFirstWord();
  bool DeadlineWithin(int64_t ns) const;
  void OnDeadline();
  ByteQueue& CodecOutput() { return decoder_ ? decoder_->input() : request_; }
  void PassRequest(size_t known, size_t arrived);
  absl::Status Decode(size_t known);
  absl::Status CheckMessageCount() const;
  absl::Status CheckEnd() const;
  void CreditRequest(size_t taken);
  void CountBuffers();

  void FailHttp(int http_status, std::string message, HeaderBlock fields = {});
  void FailWith(Failure failure);
  void AnswerFailure();
  void Finish(const HeaderBlock& trailers);
  void AwaitTaking();
  void OnAnswerTaken(size_t count);

  // BackCall
  void OnTaken(size_t count) override;
  void OnHead(HeaderBlock& head) override;
  void OnData(absl::string_view bytes) override;
  void OnTrailers(HeaderBlock& trailers) override;
  void OnBroken(const absl::Status& status, Again again) override;

  // HttpAnswer
  void SendHead(int http_status, const HeaderBlock& fields) override;
  ByteQueue& body() override { return answer_.queue; }
  void BodyGrew() override { client_.AnswerChanged(); }
  void End(HeaderBlock trailers) override;
  void SendHeadOnly(int http_status, const HeaderBlock& fields) override;
  void Fail(const absl::Status& status) override;
  void Break() override;
  void SendHeadWith(int http_status, const HeaderBlock& fields, bool last);

  ExchangeContext& context_;
  ClientStream& client_;
  const HeaderBlock fields_;
  const RequestHead head_;
  const std::string client_address_;
  const int64_t started_ns_;
  const Method* method_ = nullptr;
  std::unique_ptr<FrontCodec> codec_;
  const std::string request_id_;
  const std::string traceparent_;
  absl::optional<MessageDecoder> decoder_;
  FrameScanner scanner_{0};
  Answer answer_{*this};
  absl::string_view page_rest_;  // of a page that is being sent
  Timer deadline_;
  int64_t deadline_ns_ = 0;  // 0: none
  absl::optional<Failure> failure_;
  bool request_ended_ = false;
  bool waited_for_keys_ = false;
  bool admitted_ = false;
  Bulkhead::Place place_;  // of a call that is admitted and not at its end
  bool sent_ = false;
  absl::optional<HeaderBlock> held_head_;
  // What the client is told where an attempt that may have done the work was followed by one that was turned
  // away.
  absl::optional<HeaderBlock> doubt_;
  bool answer_passed_on_ = false;
  bool finished_ = false;
  size_t request_uncredited_ = 0;
  size_t answer_uncredited_ = 0;
  size_t counted_bytes_ = 0;  // our part of ExchangeContext::buffered_bytes
  CallRecord record_;
  int64_t sent_ns_ = 0;
};

}  // namespace arasta::gateway
