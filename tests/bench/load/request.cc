#include "tests/bench/load/request.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace arasta::bench {
namespace {

std::string Framed(const std::string& message) {
  std::string frame(5, '\0');
  for (int i = 0; i < 4; ++i)
    frame[static_cast<size_t>(4 - i)] = static_cast<char>(message.size() >> (8 * i));
  return frame + message;
}

void AddProtocolFields(Protocol protocol, Request& request) {
  switch (protocol) {
    case Protocol::kGrpc:
      request.fields.emplace_back("content-type", "application/grpc");
      request.fields.emplace_back("te", "trailers");
      break;
    case Protocol::kGrpcWeb:
      request.fields.emplace_back("content-type", "application/grpc-web+proto");
      request.fields.emplace_back("accept", "application/grpc-web+proto");
      request.fields.emplace_back("x-grpc-web", "1");
      break;
    case Protocol::kJson:
      if (!request.body.empty()) request.fields.emplace_back("content-type", "application/json");
      request.fields.emplace_back("accept", "application/json");
      break;
  }
}

}  // namespace

absl::StatusOr<std::vector<Request>> ReadRequests(const std::string& file, Protocol protocol,
                                                  const std::vector<std::string>& more) {
  std::ifstream stream(file);
  std::vector<Request> requests;
  std::string line;
  while (std::getline(stream, line)) {
    const std::vector<std::string> columns = absl::StrSplit(line, '\t');
    std::string message;
    if (columns.size() != 4 || !absl::Base64Unescape(columns[3], &message)) {
      return absl::InvalidArgumentError(absl::StrCat(file, ":", requests.size() + 1, ": no request"));
    }
    Request request{columns[0], columns[1], {}, protocol == Protocol::kJson ? message : Framed(message)};
    AddProtocolFields(protocol, request);
    if (!columns[2].empty()) request.fields.emplace_back("authorization", "Bearer " + columns[2]);
    for (const std::string& field : more) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(field, absl::MaxSplits(':', 1));
      request.fields.emplace_back(absl::AsciiStrToLower(parts.first), parts.second);
    }
    requests.push_back(std::move(request));
  }
  if (requests.empty()) return absl::InvalidArgumentError(absl::StrCat(file, ": no requests"));
  return requests;
}

}  // namespace arasta::bench
