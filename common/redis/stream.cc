#include "common/redis/stream.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::redis {
namespace {

std::string IdOf(int64_t sequence) {
  return absl::StrCat(sequence, "-0");
}

absl::Status Malformed() {
  return Error(absl::StatusCode::kInternal, "REDIS_ERROR", "Redis holds something that is not ours");
}

// [id, ["e", value]].
absl::StatusOr<StreamEntry> ParseEntry(const Reply& reply) {
  if (reply.elements.size() != 2) return Malformed();
  const std::string& id = reply.elements[0].text;
  const std::vector<Reply>& fields = reply.elements[1].elements;
  StreamEntry entry;
  if (!absl::SimpleAtoi(absl::string_view(id).substr(0, id.find('-')), &entry.sequence)) return Malformed();
  if (fields.size() != 2 || fields[0].text != "e") return Malformed();
  entry.value = fields[1].text;
  return entry;
}

}  // namespace

Args AddCommand(const std::string& key, int64_t sequence, std::string value) {
  return {"XADD", key, IdOf(sequence), "e", std::move(value)};
}

bool IsAlreadyThere(const Reply& reply) {
  return reply.is_error() &&
         absl::StrContains(reply.text, "equal or smaller than the target stream top item");
}

Args TrimCommand(const std::string& key, int64_t sequence) {
  return {"XTRIM", key, "MINID", IdOf(sequence)};
}

absl::StatusOr<std::vector<StreamEntry>> LastEntries(Pool& pool, absl::Time deadline,
                                                     const std::vector<std::string>& keys) {
  std::vector<Args> commands;
  for (const std::string& key : keys) commands.push_back({"XREVRANGE", key, "+", "-", "COUNT", "1"});
  ASSIGN_OR_RETURN(std::vector<Reply> replies, pool.Pipeline(deadline, commands));
  std::vector<StreamEntry> entries;
  for (const Reply& reply : replies) {
    RETURN_IF_ERROR(StatusOfReply(reply));
    StreamEntry& entry = entries.emplace_back();
    if (!reply.elements.empty()) {
      ASSIGN_OR_RETURN(entry, ParseEntry(reply.elements[0]));
    }
  }
  return entries;
}

absl::StatusOr<std::vector<std::vector<StreamEntry>>> StreamsOf(const Reply& reply,
                                                                absl::Span<const StreamPosition> positions) {
  std::vector<std::vector<StreamEntry>> lists(positions.size());
  // Streams come back in the order asked for, those without news left out.
  size_t at = 0;
  for (const Reply& stream : reply.elements) {
    if (stream.elements.size() != 2) return Malformed();
    while (at < positions.size() && positions[at].key != stream.elements[0].text) ++at;
    if (at == positions.size()) return Malformed();
    for (const Reply& raw : stream.elements[1].elements) {
      ASSIGN_OR_RETURN(StreamEntry entry, ParseEntry(raw));
      lists[at].push_back(std::move(entry));
    }
  }
  return lists;
}

absl::StatusOr<std::vector<std::vector<StreamEntry>>> ReadStreams(Pool& pool, absl::Time deadline,
                                                                  absl::Span<const StreamPosition> positions,
                                                                  const ReadOptions& options) {
  if (positions.empty()) return std::vector<std::vector<StreamEntry>>();
  Args command = {"XREAD", "COUNT", absl::StrCat(options.count)};
  // BLOCK 0 would wait for ever.
  if (const int64_t block_ms = absl::ToInt64Milliseconds(options.block); block_ms > 0) {
    command.insert(command.end(), {"BLOCK", absl::StrCat(block_ms)});
  }
  command.push_back("STREAMS");
  for (const StreamPosition& position : positions) command.push_back(position.key);
  for (const StreamPosition& position : positions) command.push_back(IdOf(position.sequence));
  ASSIGN_OR_RETURN(const Reply reply, pool.Command(deadline, command));
  return StreamsOf(reply, positions);
}

}  // namespace arasta::redis
