// HTTP/1.1 with keep-alive, one request at a time: as much of it as servers of ours and their peers answer
// with.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "tests/bench/load/connection.h"

namespace arasta::bench {
namespace {

class Http1Connection final : public Connection {
 public:
  using Connection::Connection;
  Http1Connection(std::unique_ptr<Transport> transport, Protocol protocol, Ended ended)
      : Connection(std::move(transport), protocol, std::move(ended)) {}

  bool HasRoom() const override { return !outcome_.has_value(); }
  int under_way() const override { return outcome_.has_value() ? 1 : 0; }

  void Send(const Request& request, Nanos intended) override {
    outcome_.emplace(protocol_);
    intended_ = intended;
    part_ = Part::kHead;
    std::string& output = transport_->output();
    absl::StrAppend(&output, request.verb, " ", request.path, " HTTP/1.1\r\nhost: localhost\r\n");
    for (const auto& [name, value] : request.fields) absl::StrAppend(&output, name, ": ", value, "\r\n");
    if (!request.body.empty()) absl::StrAppend(&output, "content-length: ", request.body.size(), "\r\n");
    absl::StrAppend(&output, "\r\n", request.body);
  }

 private:
  enum class Part { kHead, kBody, kChunkHead, kChunk, kTrailers };

  void Serialise() override {}
  void Abandon() override {
    if (outcome_.has_value()) End(kBroken);
  }

  void End(int code) {
    outcome_.reset();
    ended_(intended_, code);
  }

  bool OnBytes(absl::string_view bytes) override {
    input_.append(bytes.data(), bytes.size());
    while (outcome_.has_value() && Advance()) {
    }
    return !broken_;
  }

  // One step; false where it takes more bytes.
  bool Advance() {
    switch (part_) {
      case Part::kHead:
        return OnLines("\r\n\r\n", [this](absl::string_view head) { OnHead(head); });
      case Part::kBody:
      case Part::kChunk:
        return OnContent();
      case Part::kChunkHead:
        return OnLines("\r\n", [this](absl::string_view line) { OnChunkHead(line); });
      case Part::kTrailers:
        return OnLines("\r\n", [this](absl::string_view line) {
          if (line.empty()) End(outcome_->Code());
        });
    }
    return false;
  }

  template <typename Handle>
  bool OnLines(absl::string_view end, Handle handle) {
    const size_t at = input_.find(end.data(), 0, end.size());
    if (at == std::string::npos) return false;
    const std::string lines = input_.substr(0, at);
    input_.erase(0, at + end.size());
    handle(lines);
    return true;
  }

  void OnHead(absl::string_view head) {
    const std::vector<absl::string_view> lines = absl::StrSplit(head, "\r\n");
    const std::vector<absl::string_view> status = absl::StrSplit(lines[0], absl::MaxSplits(' ', 2));
    if (status.size() >= 2) outcome_->OnHttpStatus(status[1]);
    bool chunked = false;
    rest_ = 0;
    for (size_t i = 1; i < lines.size(); ++i) {
      const std::pair<absl::string_view, absl::string_view> field =
          absl::StrSplit(lines[i], absl::MaxSplits(':', 1));
      const std::string name = absl::AsciiStrToLower(field.first);
      const absl::string_view value = absl::StripAsciiWhitespace(field.second);
      if (name == "content-length" && !absl::SimpleAtoi(value, &rest_)) Break();
      chunked = chunked || (name == "transfer-encoding" && absl::EqualsIgnoreCase(value, "chunked"));
      if (outcome_.has_value()) outcome_->OnField(name, value);
    }
    part_ = chunked ? Part::kChunkHead : Part::kBody;
  }

  bool OnContent() {
    const size_t taken = std::min<size_t>(rest_, input_.size());
    outcome_->OnBody(absl::string_view(input_).substr(0, taken));
    input_.erase(0, taken);
    rest_ -= taken;
    if (rest_ != 0) return false;
    if (part_ == Part::kBody) {
      End(outcome_->Code());
      return true;
    }
    // A chunk ends with an empty line.
    return OnLines("\r\n", [this](absl::string_view) { part_ = Part::kChunkHead; });
  }

  void OnChunkHead(absl::string_view line) {
    if (!absl::SimpleHexAtoi(line.substr(0, line.find(';')), &rest_)) return Break();
    part_ = rest_ == 0 ? Part::kTrailers : Part::kChunk;
  }

  void Break() { broken_ = true; }

  absl::optional<Outcome> outcome_;  // Of the request under way.
  Nanos intended_ = 0;
  Part part_ = Part::kHead;
  std::string input_;
  size_t rest_ = 0;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<Connection> MakeHttp1Connection(std::unique_ptr<Transport> transport, Protocol protocol,
                                                Connection::Ended ended) {
  return std::make_unique<Http1Connection>(std::move(transport), protocol, std::move(ended));
}

}  // namespace arasta::bench
