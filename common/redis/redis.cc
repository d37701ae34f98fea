#include "common/redis/redis.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <stop_token>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/trace/span.h"

namespace arasta::redis {
namespace {

absl::Status Unavailable(absl::string_view why) {
  return Error(absl::StatusCode::kUnavailable, "REDIS_UNAVAILABLE", absl::StrCat("Redis: ", why));
}

// A socket's timeout: zero would mean for ever, and so would a deadline that nobody set.
timeval TimeoutOf(absl::Duration duration) {
  return absl::ToTimeval(std::clamp(duration, absl::Milliseconds(1), absl::Seconds(10)));
}

Reply FromHiredis(const redisReply& raw) {
  Reply reply;
  switch (raw.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = raw.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.kind = Reply::Kind::kString;
      reply.text.assign(raw.str, raw.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = Reply::Kind::kError;
      reply.text.assign(raw.str, raw.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kArray;
      for (size_t i = 0; i < raw.elements; ++i) reply.elements.push_back(FromHiredis(*raw.element[i]));
      break;
    default:
      break;
  }
  return reply;
}

redisContext* Connect(const Options& options) {
  const timeval timeout = TimeoutOf(options.connect_timeout);
  absl::string_view address = options.address;
  if (absl::ConsumePrefix(&address, "unix:")) {
    return redisConnectUnixWithTimeout(std::string(address).c_str(), timeout);
  }
  const std::pair<std::string, std::string> host_port = absl::StrSplit(address, absl::MaxSplits(':', 1));
  int port = 0;
  if (!absl::SimpleAtoi(host_port.second, &port)) return nullptr;
  return redisConnectWithTimeout(host_port.first.c_str(), port, timeout);
}

void AppendCommand(redisContext* context, const Args& command) {
  std::vector<const char*> pointers;
  std::vector<size_t> sizes;
  for (const std::string& arg : command) {
    pointers.push_back(arg.data());
    sizes.push_back(arg.size());
  }
  redisAppendCommandArgv(context, static_cast<int>(command.size()), pointers.data(), sizes.data());
}

}  // namespace

absl::Status StatusOfReply(const Reply& reply) {
  if (!reply.is_error()) return absl::OkStatus();
  const std::string code(absl::string_view(reply.text).substr(0, reply.text.find(' ')));
  for (const char* passing :
       {"OOM", "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF"}) {
    if (code == passing) return Unavailable(code);
  }
  // Only the first word: the rest may quote arguments.
  return Error(absl::StatusCode::kInternal, "REDIS_ERROR", absl::StrCat("Redis refused: ", code));
}

Connection::Connection(redisContext* context) : context_(context) {}

Connection::~Connection() {
  redisFree(context_);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options) {
  // hiredis writes without MSG_NOSIGNAL: a Redis that has gone would end the process.
  [[maybe_unused]] static const auto previous = std::signal(SIGPIPE, SIG_IGN);
  redisContext* context = Connect(options);
  if (!context) return Unavailable("bad address");
  std::unique_ptr<Connection> connection(new Connection(context));
  if (context->err) return Unavailable(context->errstr);
  return connection;
}

absl::StatusOr<Reply> Connection::Read(absl::Time deadline) {
  const timeval timeout = TimeoutOf(deadline - absl::Now());
  redisSetTimeout(context_, timeout);
  void* raw = nullptr;
  if (redisGetReply(context_, &raw) != REDIS_OK) {
    dead_ = true;
    return Unavailable(context_->errstr);
  }
  Reply reply = FromHiredis(*static_cast<redisReply*>(raw));
  freeReplyObject(raw);
  return reply;
}

absl::StatusOr<std::vector<Reply>> Connection::Pipeline(absl::Duration timeout,
                                                        absl::Span<const Args> commands) {
  const absl::Time deadline = absl::Now() + timeout;
  for (const Args& command : commands) AppendCommand(context_, command);
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  for (size_t i = 0; i < commands.size(); ++i) {
    ASSIGN_OR_RETURN(Reply reply, Read(deadline));
    replies.push_back(std::move(reply));
  }
  return replies;
}

absl::StatusOr<Reply> Connection::NextPush(absl::Duration timeout) {
  // A read that times out would kill the connection, so the waiting is done by poll.
  void* buffered = nullptr;
  if (redisGetReplyFromReader(context_, &buffered) == REDIS_OK && buffered) {
    Reply reply = FromHiredis(*static_cast<redisReply*>(buffered));
    freeReplyObject(buffered);
    return reply;
  }
  pollfd event{context_->fd, POLLIN, 0};
  if (poll(&event, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) <= 0) return Reply();
  return Read(absl::Now() + absl::Seconds(1));
}

bool Connection::closed_by_peer() const {
  pollfd event{context_->fd, POLLIN, 0};
  return poll(&event, 1, 0) != 0;
}

Pool::Pool(Options options) : options_(std::move(options)) {}

Pool::~Pool() = default;

absl::StatusOr<std::unique_ptr<Connection>> Pool::Acquire(absl::Time deadline) {
  {
    MutexLock lock(mutex_);
    auto is_free = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return in_use_ < options_.size; };
    if (!returned_.WaitFor(mutex_, std::stop_token(), std::min(deadline - absl::Now(), absl::Seconds(10)),
                           is_free)) {
      return Unavailable("all connections are in use");
    }
    ++in_use_;
    while (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (!connection->closed_by_peer()) return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(options_);
  if (!connection.ok()) Return(nullptr);
  return connection;
}

void Pool::Return(std::unique_ptr<Connection> connection) {
  if (connection && connection->dead()) connection.reset();
  MutexLock lock(mutex_);
  --in_use_;
  if (connection) idle_.push_back(std::move(connection));
  returned_.NotifyOne();
}

absl::StatusOr<std::vector<Reply>> Pool::Pipeline(absl::Time deadline, absl::Span<const Args> commands) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Acquire(deadline));
  absl::StatusOr<std::vector<Reply>> replies = connection->Pipeline(deadline - absl::Now(), commands);
  Return(std::move(connection));
  return replies;
}

absl::StatusOr<Reply> Pool::Command(absl::Time deadline, const Args& command) {
  ASSIGN_OR_RETURN(std::vector<Reply> replies, Pipeline(deadline, absl::MakeConstSpan(&command, 1)));
  RETURN_IF_ERROR(StatusOfReply(replies[0]));
  return std::move(replies[0]);
}

absl::StatusOr<Reply> Pool::Command(absl::Time deadline, const Args& command, const trace::Context& trace) {
  trace::Span span(trace, trace::Kind::kClient, command.front());
  span.Set("db.system.name", "redis");
  span.Set("db.operation.name", command.front());
  absl::StatusOr<Reply> reply = Command(deadline, command);
  span.SetStatus(reply.status(), /*failed=*/true);
  return reply;
}

absl::Status Pool::Ping() {
  return Command(absl::Now() + absl::Milliseconds(200), {"PING"}).status();
}

}  // namespace arasta::redis
