// What a codec has written, for tests to look at.
#pragma once

#include <utility>

#include "services/gateway/front_codec.h"

namespace arasta::gateway {

class RecordedAnswer final : public HttpAnswer {
 public:
  void SendHead(int http_status, const HeaderBlock& fields) override {
    status = http_status;
    head = fields;
  }
  ByteQueue& body() override { return queue; }
  void BodyGrew() override {}
  void End(HeaderBlock trailers) override {
    end = std::move(trailers);
    ended = true;
  }
  void SendHeadOnly(int http_status, const HeaderBlock& fields) override {
    SendHead(http_status, fields);
    ended = head_only = true;
  }

  void Fail(const absl::Status& status) override { failure = status; }
  void Break() override { broken = true; }

  int status = 0;
  absl::Status failure;
  HeaderBlock head, end;
  ByteQueue queue;
  bool ended = false;
  bool head_only = false;
  bool broken = false;
};

}  // namespace arasta::gateway
