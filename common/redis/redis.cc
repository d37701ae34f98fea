#include "common/redis/redis.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <stop_token>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/redis/address.h"
#include "common/redis/tls_layer.h"
#include "common/trace/span.h"

namespace arasta::redis {
namespace {

constexpr absl::Duration kShortest = absl::Milliseconds(1);
constexpr absl::Duration kLongest = absl::Seconds(10);  // also where nobody set a deadline
// A record of TLS never has more, so that reading one leaves nothing behind that poll does not see.
constexpr size_t kRecord = 16 << 10;

absl::Status Unavailable(absl::string_view why) {
  return Error(absl::StatusCode::kUnavailable, "REDIS_UNAVAILABLE", absl::StrCat("Redis: ", why));
}

absl::Status Denied(absl::string_view code) {
  return Error(absl::StatusCode::kUnavailable, "REDIS_ACCESS_DENIED",
               absl::StrCat("Redis denies us: ", code));
}

// Only the first word of an error: the rest may quote arguments.
std::string CodeOf(const Reply& error) {
  return error.text.substr(0, error.text.find(' '));
}

// A socket's timeout: zero would mean for ever.
timeval TimeoutOf(absl::Duration duration) {
  return absl::ToTimeval(std::clamp(duration, kShortest, kLongest));
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

redisContext* Connect(const Address& address, absl::Duration patience) {
  const timeval timeout = TimeoutOf(patience);
  if (address.is_local()) return redisConnectUnixWithTimeout(address.path.c_str(), timeout);
  return redisConnectWithTimeout(address.host.c_str(), address.port, timeout);
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
  const std::string code = CodeOf(reply);
  for (const char* denial : {"NOAUTH", "NOPERM"}) {
    if (code == denial) return Denied(code);
  }
  for (const char* passing :
       {"OOM", "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF"}) {
    if (code == passing) return Unavailable(code);
  }
  return Error(absl::StatusCode::kInternal, "REDIS_ERROR", absl::StrCat("Redis refused: ", code));
}

Connection::Connection(redisContext* context) : context_(context) {}

Connection::~Connection() {
  tls_.reset();
  redisFree(context_);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options) {
  // hiredis writes without MSG_NOSIGNAL: a Redis that has gone would end the process.
  [[maybe_unused]] static const auto previous = std::signal(SIGPIPE, SIG_IGN);
  const absl::optional<Address> address = Address::Parse(options.address);
  redisContext* context = address.has_value() ? Connect(*address, options.connect_timeout) : nullptr;
  if (context == nullptr) return Unavailable("bad address");
  std::unique_ptr<Connection> connection(new Connection(context));
  if (context->err) return Unavailable(context->errstr);
  const absl::Time deadline = absl::Now() + options.connect_timeout;
  if (address->by_tls) {
    ASSIGN_OR_RETURN(connection->tls_,
                     TlsLayer::Begin(context->fd, address->host, options.authorities, deadline));
  }
  if (!options.password.empty()) RETURN_IF_ERROR(connection->LogIn(options, deadline));
  return connection;
}

absl::Status Connection::LogIn(const Options& options, absl::Time deadline) {
  Args command = {"AUTH"};
  if (!options.user.empty()) command.push_back(options.user);
  command.push_back(options.password);
  AppendCommand(context_, command);
  ASSIGN_OR_RETURN(const Reply reply, Read(deadline));
  return reply.is_error() ? Denied(CodeOf(reply)) : absl::OkStatus();
}

absl::Status Connection::Exchange(void** reply, absl::Time deadline) {
  if (tls_ != nullptr) return ExchangeByTls(reply, std::min(deadline, absl::Now() + kLongest));
  redisSetTimeout(context_, TimeoutOf(deadline - absl::Now()));
  return redisGetReply(context_, reply) == REDIS_OK ? absl::OkStatus() : Unavailable(context_->errstr);
}

// As redisGetReply does it, but for the socket.
absl::Status Connection::ExchangeByTls(void** reply, absl::Time deadline) {
  RETURN_IF_ERROR(tls_->Write({context_->obuf, sdslen(context_->obuf)}, deadline));
  sdssetlen(context_->obuf, 0);
  std::array<char, kRecord> record;
  for (;;) {
    if (redisGetReplyFromReader(context_, reply) != REDIS_OK) return Unavailable(context_->errstr);
    if (*reply != nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const size_t size, tls_->Read(absl::MakeSpan(record), deadline));
    redisReaderFeed(context_->reader, record.data(), size);
  }
}

absl::StatusOr<Reply> Connection::Read(absl::Time deadline) {
  void* raw = nullptr;
  if (absl::Status status = Exchange(&raw, deadline); !status.ok()) {
    dead_ = true;
    return status;
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
    if (!returned_.WaitFor(mutex_, std::stop_token(), std::min(deadline - absl::Now(), kLongest), is_free)) {
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
