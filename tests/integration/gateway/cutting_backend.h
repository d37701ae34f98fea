// A backend that leaves off wherever a call asks it to: frames by hand, over any number of connections, in
// cleartext or TLS.
#pragma once

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "services/gateway/tls.h"
#include "tests/support/loopback.h"

namespace arasta::gateway {

enum class Cut {
  kNone,
  kStall,           // says no more on the stream
  kClose,           // ends the connection
  kAbort,           // and loses what is on the way
  kReset,           // RST_STREAM
  kGoaway,          // announces the end, which this call is before; serves it whole
  kGoawayLeavesOut  // and which this call is after
};

// How a call's x-plan asks for it: at the request's head, or when the request is complete and so many halves
// of frames of the answer have been sent. Only connections can be cut within a frame.
struct CutPlan {
  static constexpr int kAtHead = -1;

  Cut cut = Cut::kNone;
  int halves = 0;
  int call = 0;  // to ask for it by

  std::string ToText() const;
  static CutPlan Of(const std::string& text);
};

// Every call is answered by a head, messages of kMessageBytes that JSON knows nothing of (two where the path
// is a stream's, or one), and trailers that say OK. What asks for health gets no answer.
class CuttingBackend {
 public:
  static constexpr int kMessageBytes = 1000;

  // Null: cleartext.
  explicit CuttingBackend(const TlsFiles* tls = nullptr);
  ~CuttingBackend();

  int port() const { return listener_.port; }
  // Ends the next ones to connect, every other one after its greeting.
  void TurnAway(int connections);
  // False after ten seconds.
  bool AwaitStall(int call);
  // Calls that were left open by a stall, and are.
  size_t stalled();

 private:
  class Peer;

  void Accept();
  void Stalled(const Peer& peer, int32_t stream, int call);
  void Over(const Peer& peer, int32_t stream);
  void AllOver(const Peer& peer);
  int TakeTurn();

  const testing::LoopbackListener listener_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, &SSL_CTX_free};
  Mutex mutex_;
  CondVar changed_;
  int turn_away_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::pair<const Peer*, int32_t>> open_ ABSL_GUARDED_BY(mutex_);
  std::set<int> stalls_ ABSL_GUARDED_BY(mutex_);  // that there have been, by call
  std::vector<std::unique_ptr<Peer>> peers_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace arasta::gateway
