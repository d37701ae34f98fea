// HTTP/2 frame by frame, for what no client library would send. Types, flags and codes are nghttp2's.
#pragma once

#include <nghttp2/nghttp2.h>

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/wire.h"

namespace arasta::gateway {

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload = {});
// Four bytes, big-endian.
std::string Number(uint32_t value);
// One entry of SETTINGS.
std::string Setting(uint16_t id, uint32_t value);
// Header fields as HPACK literals, which enter no table.
std::string Fields(std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields);
// A head that lacks nothing: of a unary call, or of another one.
std::string CallFields(absl::string_view path = "/grpc.testing.TestService/EmptyCall");
// That call whole, which is answered.
std::string Call(uint32_t stream);

class RawHttp2 {
 public:
  // Sends the connection preface and empty SETTINGS, or nothing.
  explicit RawHttp2(int port, bool greet = true, WireSecurity security = WireSecurity::kCleartext);
  ~RawHttp2();
  RawHttp2(const RawHttp2&) = delete;
  RawHttp2& operator=(const RawHttp2&) = delete;

  void Send(absl::string_view bytes);
  // Sends piece(0), piece(1) … and reads meanwhile, until the connection ends or `most` are sent.
  void Flood(const std::function<std::string(int)>& piece, int most);
  // Reads until `done` or the connection's end; false after ten seconds.
  bool Until(const std::function<bool()>& done);
  bool UntilClosed() {
    return Until([] { return false; }) || closed_;
  }

  const Http2Answer& answer(uint32_t stream) { return answers_[static_cast<int32_t>(stream)]; }
  // What a GOAWAY said last.
  absl::optional<uint32_t> goaway() const { return goaway_; }
  bool closed() const { return closed_; }
  Wire& wire() { return wire_; }
  int ping_answers() const { return ping_answers_; }
  int settings_answers() const { return settings_answers_; }

 private:
  bool Poll(short events);
  void Read();
  void OnFrame(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload);
  void OnFields(Http2Answer& answer, absl::string_view block);

  Wire wire_;
  std::string received_;
  std::map<int32_t, Http2Answer> answers_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  absl::optional<uint32_t> goaway_;
  int ping_answers_ = 0;
  int settings_answers_ = 0;
  bool closed_ = false;
};

}  // namespace arasta::gateway
