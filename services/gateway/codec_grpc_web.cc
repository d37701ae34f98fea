// gRPC-Web, binary and text. The answer's trailers travel as the body's last frame, flag 0x80, with
// "name:value\r\n" lines. In text mode the request is base64 in any pieces, and every flush of the answer
// is a padded base64 text of its own.
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "services/gateway/base64_decoder.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/grpc_frames.h"

namespace arasta::gateway {
namespace {

constexpr uint8_t kTrailerFlag = 0x80;

std::string TrailerFrame(const HeaderBlock& trailers) {
  std::string lines;
  for (size_t i = 0; i < trailers.size(); ++i) {
    if (trailers[i].name == "content-type") continue;  // of an answer that was nothing but trailers
    absl::StrAppend(&lines, trailers[i].name, ":", trailers[i].value, "\r\n");
  }
  const auto head = FrameHead(kTrailerFlag, static_cast<uint32_t>(lines.size()));
  return absl::StrCat(absl::string_view(head.data(), head.size()), lines);
}

class GrpcWebCodec final : public FrontCodec {
 public:
  GrpcWebCodec(absl::string_view suffix, bool text_request, bool text_answer)
      : suffix_(suffix), text_request_(text_request), text_answer_(text_answer) {}

  absl::string_view name() const override { return text_answer_ ? "grpc-web-text" : "grpc-web"; }
  std::string BackendContentType(absl::string_view) const override {
    return absl::StrCat("application/grpc", suffix_);
  }
  bool from_browser() const override { return true; }
  absl::StatusOr<CallTerms> Terms(const RequestHead& head) const override { return GrpcTerms(head); }

  absl::Status Request(absl::string_view body, ByteQueue& frames) override {
    if (!text_request_) {
      frames.Append(body);
      return absl::OkStatus();
    }
    decoded_.clear();
    if (!decoder_.Decode(body, decoded_)) return InvalidField("body", "is not base64");
    frames.Append(decoded_);
    return absl::OkStatus();
  }

  absl::Status RequestEnd(ByteQueue&) override {
    if (decoder_.Finish()) return absl::OkStatus();
    return InvalidField("body", "is base64 that was cut off");
  }

  void Head(const HeaderBlock& metadata, HttpAnswer& answer) override {
    HeaderBlock head;
    head.Add("content-type", absl::StrCat("application/", text_answer_ ? "grpc-web-text" : "grpc-web",
                                          suffix_.empty() ? "+proto" : suffix_));
    for (size_t i = 0; i < metadata.size(); ++i) {
      if (metadata[i].name == "content-type" || metadata[i].name == "content-length") continue;
      head.Add(metadata[i].name, metadata[i].value, metadata[i].indexing);
    }
    answer.SendHead(200, head);
    head_sent_ = true;
  }

  void Messages(absl::string_view frames, HttpAnswer& answer) override {
    sent_.Scan(frames).IgnoreError();
    answer.body().Append(text_answer_ ? absl::string_view(absl::Base64Escape(frames)) : frames);
    answer.BodyGrew();
  }

  void End(const HeaderBlock& trailers, HttpAnswer& answer) override {
    // After the beginning of a message the trailers would be taken for the rest of it.
    if (!sent_.at_boundary()) return answer.Break();
    if (!head_sent_) Head(HeaderBlock(), answer);
    Messages(TrailerFrame(trailers), answer);
    answer.End(HeaderBlock());
  }

 private:
  const std::string suffix_;  // "+proto" or nothing
  const bool text_request_;
  const bool text_answer_;
  FrameScanner sent_{kAnyLength, kAnyFlags};
  Base64Decoder decoder_;
  std::string decoded_;
  bool head_sent_ = false;
};

}  // namespace

std::unique_ptr<FrontCodec> NewGrpcWebCodec(absl::string_view suffix, bool text_request, bool text_answer) {
  return std::make_unique<GrpcWebCodec>(suffix, text_request, text_answer);
}

}  // namespace arasta::gateway
