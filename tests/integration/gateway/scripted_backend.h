// A backend that answers by a script what no gRPC server would: how one goes away that gave no notice, and
// what proxies on the way say.
#pragma once

#include <nghttp2/nghttp2.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "common/base/mutex.h"
#include "tests/support/loopback.h"

namespace arasta::gateway {

using ScriptedHead = std::multimap<std::string, std::string>;

// What is sent, in this order; what is empty is not.
struct ScriptedAnswer {
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // GOAWAY, naming as the last stream the call's own plus this.
  absl::optional<int32_t> goaway = {};
  Fields head = {};
  std::string body = {};
  Fields trailers = {};
  absl::optional<uint32_t> reset = {};
};

// Serves one connection; says nothing of its health.
class ScriptedBackend {
 public:
  using Script = std::function<ScriptedAnswer(const ScriptedHead& request)>;

  explicit ScriptedBackend(Script script);
  // Resets every call.
  explicit ScriptedBackend(uint32_t error_code)
      : ScriptedBackend([error_code](const ScriptedHead&) { return ScriptedAnswer{.reset = error_code}; }) {}
  ~ScriptedBackend();

  int port() const { return listener_.port; }
  // Other than for its health.
  int calls() const { return calls_; }
  ScriptedHead last_request();
  // Of the frames that have come, the pings, and the settings that were told.
  int pings() const { return pings_; }
  std::map<int32_t, uint32_t> settings();

 private:
  friend struct ScriptedBackendCallbacks;

  void Serve();
  void OnRequest(nghttp2_session* session, int32_t stream_id);
  void OnSettings(const nghttp2_settings& settings);

  const Script script_;
  const testing::LoopbackListener listener_;
  std::atomic<int> connection_ = -1;
  std::atomic<int> calls_ = 0;
  std::atomic<int> pings_ = 0;
  Mutex mutex_;
  ScriptedHead last_request_ ABSL_GUARDED_BY(mutex_);
  std::map<int32_t, uint32_t> settings_ ABSL_GUARDED_BY(mutex_);
  // Of the thread alone: streams that wait for their answer, and what was said on each.
  std::vector<int32_t> waiting_;
  std::map<int32_t, ScriptedHead> requests_;
  std::map<int32_t, ScriptedAnswer> answers_;
  std::thread thread_;
};

}  // namespace arasta::gateway
