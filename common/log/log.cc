#include "common/log/log.h"

#include <fcntl.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace arasta::log {
namespace {

struct Destination {
  std::string service = "arasta";
  spdlog::logger logger{"arasta", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

  Destination() { logger.set_pattern("%v"); }
};

// Never destroyed: threads may still log while the process ends.
Destination& TheDestination() {
  static auto* const destination = new Destination;
  return *destination;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

absl::string_view NameOf(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "info";
}

// No function, so that the loop over a text's every byte calls none.
constexpr auto kNeedsNoEscape = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };

void AppendString(absl::string_view text, std::string& out) {
  if (std::all_of(text.begin(), text.end(), kNeedsNoEscape)) {
    absl::StrAppend(&out, "\"", text, "\"");
    return;
  }
  // What is not UTF-8 is replaced: a line must stay JSON whatever a client sends.
  out += nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct AppendVisitor {
  std::string& out;
  void operator()(absl::string_view text) const { AppendString(text, out); }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(int64_t number) const { absl::StrAppend(&out, number); }
  void operator()(double number) const {
    // JSON has no infinities and no NaN.
    std::isfinite(number) ? absl::StrAppend(&out, number) : absl::StrAppend(&out, "null");
  }
};

}  // namespace

void Value::AppendJson(std::string& out) const {
  absl::visit(AppendVisitor{out}, value_);
}

void Configure(absl::string_view service, Level level) {
  TheDestination().service = std::string(service);
  TheDestination().logger.set_level(ToSpdlog(level));
}

void NeverWait() {
  struct stat file {};
  if (fstat(STDERR_FILENO, &file) != 0) return;
  if (S_ISSOCK(file.st_mode)) fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) | O_NONBLOCK);
  if (!S_ISFIFO(file.st_mode)) return;
  // Opened anew: others write to the pipe too, and may not expect that it refuses.
  const int own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (own < 0) return;
  dup2(own, STDERR_FILENO);
  close(own);
}

Level LevelFromName(absl::string_view name) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    if (NameOf(level) == name) return level;
  }
  return Level::kInfo;
}

void Write(Level level, absl::string_view message, absl::Span<const Field> fields) {
  Destination& destination = TheDestination();
  if (!destination.logger.should_log(ToSpdlog(level))) return;
  std::string line;
  line.reserve(256);
  absl::StrAppend(&line, "{\"time\":\"",
                  absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
                  "\",\"level\":\"", NameOf(level), "\",\"service\":\"", destination.service, "\",\"msg\":");
  AppendString(message, line);
  for (const Field& field : fields) {
    line += ',';
    AppendString(field.key, line);
    line += ':';
    field.value.AppendJson(line);
  }
  line += '}';
  destination.logger.log(ToSpdlog(level), line);
}

}  // namespace arasta::log
