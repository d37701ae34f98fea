// One HTTP/2 connection to a backend, shared by all the calls of a worker.
#pragma once

#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/gateway/back_call.h"
#include "services/gateway/http2_link.h"
#include "services/gateway/latency_window.h"

namespace arasta::gateway {

struct BackendOptions;

class BackConnection final : public Http2Link {
 public:
  // Told of what matters to whoever chooses between connections.
  class Owner {
   public:
    virtual void OnReady(BackConnection& connection) = 0;
    // No new calls from now on; those that run go on.
    virtual void OnDraining(BackConnection& connection) = 0;
    // A call ended: there may be room for another.
    virtual void OnRoom(BackConnection& connection) = 0;
    // Calls fail one after the other, kFailuresInRow at least.
    virtual void OnFailing(BackConnection& connection) = 0;
    // LatencyNs is new.
    virtual void OnMeasured(BackConnection& connection) = 0;
    // `why` is empty for a connection that had been ready.
    virtual void OnGone(BackConnection& connection, const std::string& why) = 0;

   protected:
    ~Owner() = default;
  };

  BackConnection(Loop& loop, Socket socket, Owner& owner, const BackendOptions& options);

  static constexpr int kFailuresInRow = 5;

  // The backend has said that it speaks HTTP/2: a port that merely accepts may be that of a stopped process.
  bool ready() const { return open() && greeted_; }
  bool CanTake() const;
  // One call more, and three quarters of those that it can take at a time are there.
  bool NearlyFull() const { return 4 * (calls_.size() + 1) > 3 * Capacity(); }
  size_t Capacity() const;
  // What an answer takes lately; negative where too few have come.
  int64_t LatencyNs() const { return latency_.TypicalNs(loop().now_ns()); }
  size_t calls() const { return calls_.size(); }
  void Start(BackCall& call);
  // Gives up a connection that did not come about in time.
  void Abandon(absl::string_view why);
  // Takes no more calls and ends with the last one; the owner knows.
  void Retire();

 private:
  friend class BackCall;

  void Cancel(BackCall& call);
  BackCall* Find(int32_t stream_id) const;
  void Finish(int32_t stream_id);
  void Break(int32_t stream_id, const absl::Status& status, Again again);
  void Judge(bool failed);
  void Measure(const BackCall& call);
  void TakeNoMore();
  void Deliver(int32_t stream_id, BackCall& call, bool end_stream);

  void OnConnected() override;
  void OnClosed() override;
  void OnBeginHeaders(int32_t stream_id) override;
  bool OnHeader(int32_t stream_id, absl::string_view name, absl::string_view value,
                bool never_index) override;
  void OnHeadersComplete(int32_t stream_id, bool end_stream) override;
  void OnData(int32_t stream_id, absl::string_view bytes) override;
  void OnEndOfData(int32_t stream_id) override;
  void OnStreamClose(int32_t stream_id, uint32_t error_code) override;
  void OnGoaway() override;
  void OnSettings() override;
  void OnNotSent(int32_t stream_id) override;

  Owner& owner_;
  const std::string expected_peer_;
  absl::flat_hash_map<int32_t, BackCall*> calls_;
  bool greeted_ = false;
  bool draining_ = false;
  int failures_in_row_ = 0;
  LatencyWindow latency_;
  std::string failure_;
};

}  // namespace arasta::gateway
