// A call that the gateway answers itself, message by message, as the client takes the answers.
#include "absl/strings/str_cat.h"
#include "services/gateway/exchange.h"
#include "services/gateway/grpc_status.h"

namespace arasta::gateway {
namespace {

// No more is answered while that much waits to be sent.
constexpr size_t kEnoughUnsent = 64 * 1024;

}  // namespace

void Exchange::AnswerHere() {
  sent_ = true;
  if (!answer_passed_on_) {
    HeaderBlock head;
    head.Add("content-type", "application/grpc");
    PassHead(head);
  }
  size_t taken = 0;
  while (answer_.queue.size() < kEnoughUnsent) {
    const absl::StatusOr<absl::optional<Frame>> frame =
        FirstFrame(request_.front(), method_->max_request_bytes);
    if (!frame.ok()) return Fail(frame.status());
    if (!frame->has_value()) break;
    const std::string message = method_->answer_here((*frame)->message);
    const size_t size = (*frame)->size();
    request_.Take(size);
    taken += size;
    const auto head = FrameHead(0, static_cast<uint32_t>(message.size()));
    OnData(absl::StrCat(absl::string_view(head.data(), head.size()), message));
  }
  // Last, as room in the request may bring more of it, and this back here.
  if (taken > 0) OnTaken(taken);
  if (!finished_ && request_complete_ && request_.empty()) Finish(ToTrailers(absl::OkStatus()));
}

}  // namespace arasta::gateway
