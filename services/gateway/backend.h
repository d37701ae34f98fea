// A service's replicas as one worker sees them: a few connections per address, kept up with growing
// pauses, the choice between them, and how much may be tried again. Belongs to the loop's thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "common/metrics/metrics.h"
#include "services/gateway/back_connection.h"
#include "services/gateway/tls.h"

namespace arasta::gateway {

struct BackendOptions {
  std::string name;
  std::vector<SocketAddress> addresses;
  int connections_per_address = 1;
  // While the backend allows no more calls over fewer.
  int max_connections_per_address = 8;
  // How often it is seen whether one of those can go.
  int64_t spare_ns = 10'000'000'000;
  // How long connections that are not wanted any more serve in the place of others that can't be reached.
  // Then the new addresses are wrong, and it should show.
  int64_t former_ns = 10'000'000'000;
  // Null for cleartext.
  std::shared_ptr<const TlsContext> tls = nullptr;
  std::string expected_peer = {};
  // Called whenever no replica is left that serves: there may be others by now.
  std::function<void()> look_up = [] {};
  // Of every connection. Tests begin where others come to after a thousand million calls.
  int32_t first_stream_id = 1;
};

class Backend final : private BackConnection::Owner {
 public:
  // Connects at once.
  Backend(Loop& loop, BackendOptions options);
  ~Backend();

  // Whether these options are for the same backend: they may differ in what Update changes.
  bool Is(const BackendOptions& options) const;
  // Goes over to these addresses, with these certificates and as many connections. A connection that is not
  // wanted any more takes calls until one that is wanted is ready, and ends with its last call.
  void Update(BackendOptions options);
  void SetAddresses(std::vector<SocketAddress> addresses);
  // Other certificates, for what is connected from now on.
  void SetTls(std::shared_ptr<const TlsContext> tls);
  // Ends all connections that way. After that, no call is started.
  void Close();
  // Closed, and the last connection has gone.
  bool closed() const { return lines_.empty() && draining_.empty(); }

  // Sends the call over the connection with the fewest calls, in turns where several have. One whose backend
  // says that it does not serve (it is about to end), and the address that the call comes back from are taken
  // only where there is no other; so is one whose calls fail or take too long, unless most are unwell: the
  // rest could not bear the calls of all. Waits where one is about to be ready; ends it with UNAVAILABLE
  // where there is none. Events never come from within Start but for that ending.
  void Start(BackCall& call, HeaderBlock head);
  // Whether one more call may be made again: one for ten calls.
  bool TakeRetry();

  bool ready() const;
  // Under way on all connections.
  size_t calls() const;
  const std::string& name() const { return options_.name; }

 private:
  friend class BackCall;
  struct Line;
  // Why a connection is left alone for a while.
  struct Illness {
    Illness(const std::string& backend, const std::string& its_name);

    const std::string name;
    metrics::Counter& ejections;
  };

  void Forget(BackCall& call);
  void SetLines();
  uint64_t PlaceOf(const SocketAddress& address);
  void Leave(Line& line);
  void LeaveFormer();
  void Remove(const Line& line);
  void Grow(const Line& full);
  void Shrink();
  bool CanGo(const Line& extra) const;
  void Connect(Line& line);
  void OnTimer(Line& line);
  void PauseAfterFailure(Line& line, const std::string& why);
  Line* Choose(const BackCall& call);
  bool Ejected(const Line& line) const;
  void Eject(Line& line, const Illness& illness);
  void Send(BackCall& call, Line& line);
  void WatchHealth(Line& line);
  bool AnyConnecting() const;
  void ServeWaiting();
  static bool Ready(const Line& line);
  static bool Serves(const Line& line);
  void SeekOthers();
  Line* LineOf(const BackConnection& connection);

  void OnReady(BackConnection& connection) override;
  void OnDraining(BackConnection& connection) override;
  void OnRoom(BackConnection& connection) override;
  void OnFailing(BackConnection& connection) override;
  void OnMeasured(BackConnection& connection) override;
  void OnGone(BackConnection& connection, const std::string& why) override;

  Loop& loop_;
  BackendOptions options_;
  absl::InsecureBitGen random_;
  // One for every connection that should be there, and while none of those is, the former ones.
  std::vector<std::unique_ptr<Line>> lines_;
  Timer leave_former_;
  Timer shrink_;
  uint64_t places_ = 0;
  // Announced their end; the calls they carry go on.
  std::vector<std::unique_ptr<BackConnection>> draining_;
  metrics::Gauge& connections_;
  std::deque<BackCall*> waiting_;
  size_t turn_ = 0;
  double retries_left_;
  metrics::Counter& retries_;
  const Illness failing_;
  const Illness slow_;
  std::string last_failure_;
};

}  // namespace arasta::gateway
