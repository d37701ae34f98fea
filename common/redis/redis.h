// Redis by blocking calls with a deadline each: connections, a pool, commands and pipelines. hiredis 0.14
// (RESP2, no TLS of its own) stays inside this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/mutex.h"
#include "common/trace/trace.h"

struct redisContext;

namespace arasta::redis {

class TlsLayer;

// What Redis answered. A value.
struct Reply {
  enum class Kind { kNil, kInteger, kString, kError, kArray };

  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text = {};  // of kString (also simple strings) and kError
  std::vector<Reply> elements = {};

  bool is_nil() const { return kind == Kind::kNil; }
  bool is_error() const { return kind == Kind::kError; }
};

// One command: name and arguments, binary-safe.
using Args = std::vector<std::string>;

struct Options {
  // As Address::Parse takes it.
  std::string address;
  // Who may have signed Redis' certificate, a PEM file; where it is empty, those whom the system trusts.
  std::string authorities = {};
  // Without a password nobody logs in, and without a user it is Redis' default one.
  std::string user = {};
  std::string password = {};
  // Connections at most; callers beyond wait for one until their deadline.
  int size = 4;
  // For the way there, and again for the handshake and the login.
  absl::Duration connect_timeout = absl::Milliseconds(500);
};

// One connection. For one thread. After a failed call it is dead, as half a reply may be on the way.
class Connection {
 public:
  // UNAVAILABLE when nobody answers or proves to be that Redis, and with the reason REDIS_ACCESS_DENIED when
  // it refuses the login.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends all, then reads all; one reply a command, error replies among them.
  // UNAVAILABLE: broken or not answered in time; any of the commands may have been carried out.
  absl::StatusOr<std::vector<Reply>> Pipeline(absl::Duration timeout, absl::Span<const Args> commands);

  // The next message pushed to a connection that has subscribed; nil when none came in time.
  absl::StatusOr<Reply> NextPush(absl::Duration timeout);

  bool dead() const { return dead_; }
  // Of an idle connection: whatever is there to be read now is the end.
  bool closed_by_peer() const;

 private:
  explicit Connection(redisContext* context);
  absl::Status LogIn(const Options& options, absl::Time deadline);
  absl::StatusOr<Reply> Read(absl::Time deadline);
  // Sends what waits to be sent, then the next reply as hiredis has it.
  absl::Status Exchange(void** reply, absl::Time deadline);
  absl::Status ExchangeByTls(void** reply, absl::Time deadline);

  redisContext* context_;
  std::unique_ptr<TlsLayer> tls_;  // Null in cleartext.
  bool dead_ = false;
};

// Thread-safe. Connects when first needed and drops what broke.
class Pool {
 public:
  explicit Pool(Options options);
  ~Pool();

  // One command. An error reply becomes a status: OOM and LOADING, READONLY and their like are UNAVAILABLE,
  // so are NOAUTH and NOPERM, with reason REDIS_ACCESS_DENIED, others INTERNAL with reason REDIS_ERROR.
  // UNAVAILABLE as above.
  absl::StatusOr<Reply> Command(absl::Time deadline, const Args& command);
  // The same as a span of a call's trace. Only the command's name is told.
  absl::StatusOr<Reply> Command(absl::Time deadline, const Args& command, const trace::Context& trace);

  // Many in one round trip; error replies are left for the caller to look at.
  absl::StatusOr<std::vector<Reply>> Pipeline(absl::Time deadline, absl::Span<const Args> commands);

  // OK when Redis answers, for readiness.
  absl::Status Ping();

  const Options& options() const { return options_; }

 private:
  absl::StatusOr<std::unique_ptr<Connection>> Acquire(absl::Time deadline);
  void Return(std::unique_ptr<Connection> connection);

  const Options options_;
  Mutex mutex_;
  CondVar returned_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The status that an error reply means; OK for any other reply.
absl::Status StatusOfReply(const Reply& reply);

}  // namespace arasta::redis
