// What became of a request, read from where its protocol says it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::bench {

enum class Protocol { kGrpc, kGrpcWeb, kJson };

// A grpc-status, or one of these for what never became one.
inline constexpr int kOk = 0;
inline constexpr int kNoStatus = 100;    // The answer ended without saying how it went.
inline constexpr int kBroken = 101;      // A reset, a closed connection, bytes that are no answer.
inline constexpr int kUnanswered = 102;  // Still open when the run's patience was over.
inline constexpr int kLate = 103;        // A success, but after its caller had given up.
// JSON: 1000 + the HTTP code where it is not 2xx.
inline constexpr int kHttp = 1000;

// Follows one answer as it arrives in any pieces. A gRPC answer is a success only with grpc-status 0 *and*
// HTTP 200, in the trailers, in the head of an answer without a body, or in gRPC-Web's trailer frame.
class Outcome {
 public:
  explicit Outcome(Protocol protocol) : protocol_(protocol) {}

  void OnHttpStatus(absl::string_view value);
  // Of the head or the trailers; name in lower case.
  void OnField(absl::string_view name, absl::string_view value);
  void OnBody(absl::string_view bytes);

  // The answer is complete.
  int Code() const;

 private:
  void OnTrailerFrame(absl::string_view lines);

  Protocol protocol_;
  int http_status_ = 0;
  int grpc_status_ = kNoStatus;
  // gRPC-Web's frame under way.
  std::array<uint8_t, 5> head_{};
  size_t head_size_ = 0;
  uint32_t rest_ = 0;
  std::string trailers_;
};

}  // namespace arasta::bench
