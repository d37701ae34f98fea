#include "tests/integration/gateway/cutting_backend.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/raw_http2.h"

namespace arasta::gateway {
namespace {

constexpr size_t kFrameHead = 9;
constexpr uint8_t kEnd = NGHTTP2_FLAG_END_STREAM;
constexpr uint8_t kEndHeaders = NGHTTP2_FLAG_END_HEADERS;

int ChooseH2(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
             unsigned size, void*) {
  static constexpr unsigned char kH2[] = "\x02h2";
  unsigned char* out = nullptr;
  if (SSL_select_next_proto(&out, length, kH2, 3, offered, size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

// Field 1000, which no contract here has: bytes.
std::string Message() {
  constexpr size_t kTagAndLength = 4;
  return absl::StrCat("\xc2\x3e\xe4\x07", std::string(CuttingBackend::kMessageBytes - kTagAndLength, 'y'));
}

std::vector<std::string> AnswerTo(const std::string& path, uint32_t stream) {
  const bool several = absl::StrContains(path, "Stream") || absl::StrContains(path, "Watch");
  const std::string data = Frame(NGHTTP2_DATA, 0, stream, GrpcFrame(Message()));
  std::vector<std::string> frames = {
      Frame(NGHTTP2_HEADERS, kEndHeaders, stream,
            Fields({{":status", "200"}, {"content-type", "application/grpc"}})),
      data};
  if (several) frames.push_back(data);
  frames.push_back(Frame(NGHTTP2_HEADERS, kEndHeaders | kEnd, stream, Fields({{"grpc-status", "0"}})));
  return frames;
}

}  // namespace

std::string CutPlan::ToText() const {
  return absl::StrCat(static_cast<int>(cut), " ", halves, " ", call);
}

CutPlan CutPlan::Of(const std::string& text) {
  CutPlan plan;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  int cut = 0;
  const bool good = parts.size() == 3 && absl::SimpleAtoi(parts[0], &cut) &&
                    absl::SimpleAtoi(parts[1], &plan.halves) && absl::SimpleAtoi(parts[2], &plan.call);
  plan.cut = good ? static_cast<Cut>(cut) : Cut::kNone;
  return plan;
}

// One connection, on a thread of its own.
class CuttingBackend::Peer {
 public:
  Peer(CuttingBackend& owner, int fd, int turn)
      : owner_(owner), fd_(fd), thread_([this, turn] { Serve(turn); }) {}
  ~Peer() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }

 private:
  struct Call {
    std::map<std::string, std::string> head;
    bool answered = false;
  };

  // `turn`: 0 serves, 1 ends before the greeting, 2 after it.
  void Serve(int turn) {
    nghttp2_hd_inflate_new(&inflater_);
    if (turn != 1 && ShakeHands()) {
      Send(Frame(NGHTTP2_SETTINGS, 0, 0));
      if (turn == 0) ReadFrames();
    }
    shutdown(fd_, SHUT_RDWR);
    owner_.AllOver(*this);
    nghttp2_hd_inflate_del(inflater_);
  }

  bool ShakeHands() {
    if (owner_.tls_ == nullptr) return true;
    ssl_.reset(SSL_new(owner_.tls_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    return SSL_accept(ssl_.get()) == 1;
  }

  void Send(absl::string_view bytes) {
    while (!bytes.empty() && !gone_) {
      const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      gone_ = sent <= 0;
      if (!gone_) bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  void ReadFrames() {
    std::string received;
    std::array<char, 16 * 1024> buffer;
    bool greeted = false;
    while (!gone_) {
      const ssize_t count = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                                 : recv(fd_, buffer.data(), buffer.size(), 0);
      if (count <= 0) return;
      received.append(buffer.data(), static_cast<size_t>(count));
      if (!greeted && received.size() < NGHTTP2_CLIENT_MAGIC_LEN) continue;
      if (!std::exchange(greeted, true)) received.erase(0, NGHTTP2_CLIENT_MAGIC_LEN);
      while (!gone_ && received.size() >= kFrameHead) {
        const size_t size =
            static_cast<size_t>(Byte(received, 0)) << 16 | Byte(received, 1) << 8 | Byte(received, 2);
        if (received.size() < kFrameHead + size) break;
        const uint32_t stream =
            Byte(received, 5) << 24 | Byte(received, 6) << 16 | Byte(received, 7) << 8 | Byte(received, 8);
        OnFrame(static_cast<uint8_t>(received[3]), static_cast<uint8_t>(received[4]), stream,
                received.substr(kFrameHead, size));
        received.erase(0, kFrameHead + size);
      }
    }
  }
  static uint32_t Byte(const std::string& bytes, size_t at) { return static_cast<unsigned char>(bytes[at]); }

  void OnFrame(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload) {
    const bool answer = flags & NGHTTP2_FLAG_ACK;
    if (type == NGHTTP2_SETTINGS && !answer) Send(Frame(type, NGHTTP2_FLAG_ACK, 0));
    if (type == NGHTTP2_PING && !answer) Send(Frame(type, NGHTTP2_FLAG_ACK, 0, payload));
    if (type == NGHTTP2_RST_STREAM) {
      calls_.erase(stream);
      owner_.Over(*this, static_cast<int32_t>(stream));
    }
    if (type == NGHTTP2_HEADERS) OnHead(stream, payload);
    if ((type == NGHTTP2_HEADERS || type == NGHTTP2_DATA) && (flags & kEnd)) OnRequest(stream);
  }

  void OnHead(uint32_t stream, const std::string& block) {
    Call& call = calls_[stream];
    const auto* next = reinterpret_cast<const uint8_t*>(block.data());
    for (const uint8_t* const end = next + block.size(); next < end;) {
      nghttp2_nv field{};
      int flags = 0;
      const ssize_t used =
          nghttp2_hd_inflate_hd2(inflater_, &field, &flags, next, static_cast<size_t>(end - next), 1);
      if (used < 0) return;
      next += used;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
      call.head[std::string(reinterpret_cast<const char*>(field.name), field.namelen)] =
          std::string(reinterpret_cast<const char*>(field.value), field.valuelen);
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    const CutPlan plan = CutPlan::Of(call.head["x-plan"]);
    if (plan.halves == CutPlan::kAtHead) Answer(stream, call, plan);
  }

  void OnRequest(uint32_t stream) {
    const auto found = calls_.find(stream);
    if (found == calls_.end() || absl::StartsWith(found->second.head[":path"], "/grpc.health.")) return;
    Answer(stream, found->second, CutPlan::Of(found->second.head["x-plan"]));
  }

  void Answer(uint32_t stream, Call& call, const CutPlan& plan) {
    if (std::exchange(call.answered, true)) return;
    const std::vector<std::string> frames = AnswerTo(call.head[":path"], stream);
    const size_t halves =
        plan.cut == Cut::kNone ? 2 * frames.size() : static_cast<size_t>(std::max(plan.halves, 0));
    for (size_t i = 0; i < halves / 2 && i < frames.size(); ++i) Send(frames[i]);
    if (halves % 2 == 1) Send(absl::string_view(frames[halves / 2]).substr(0, frames[halves / 2].size() / 2));
    Leave(plan, stream, frames, halves / 2);
  }

  void Leave(const CutPlan& plan, uint32_t stream, const std::vector<std::string>& frames, size_t sent) {
    const auto goaway = [&](uint32_t last) {
      Send(Frame(NGHTTP2_GOAWAY, 0, 0, absl::StrCat(Number(last), Number(NGHTTP2_NO_ERROR))));
    };
    switch (plan.cut) {
      case Cut::kNone:
        return;
      case Cut::kStall:
        return owner_.Stalled(*this, static_cast<int32_t>(stream), plan.call);
      case Cut::kAbort: {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        // With this, close is what resets; the descriptor itself stays ours.
        const int none = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        dup2(none, fd_);
        close(none);
        gone_ = true;
        return;
      }
      case Cut::kClose:
        gone_ = true;
        return;
      case Cut::kReset:
        return Send(Frame(NGHTTP2_RST_STREAM, 0, stream, Number(NGHTTP2_INTERNAL_ERROR)));
      case Cut::kGoaway:
        goaway(stream);
        for (size_t i = sent; i < frames.size(); ++i) Send(frames[i]);
        return;
      case Cut::kGoawayLeavesOut:
        return goaway(stream - 2);
    }
  }

  CuttingBackend& owner_;
  const int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::map<uint32_t, Call> calls_;
  bool gone_ = false;
  std::thread thread_;
};

CuttingBackend::CuttingBackend(const TlsFiles* tls) : listener_(testing::ListenOnLoopback(64)) {
  if (tls != nullptr) {
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate_chain_file(tls_.get(), tls->certificate.c_str());
    SSL_CTX_use_PrivateKey_file(tls_.get(), tls->key.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_alpn_select_cb(tls_.get(), &ChooseH2, nullptr);
  }
  thread_ = std::thread([this] { Accept(); });
}

CuttingBackend::~CuttingBackend() {
  shutdown(listener_.fd, SHUT_RDWR);
  thread_.join();
  std::vector<std::unique_ptr<Peer>> peers;
  {
    MutexLock lock(mutex_);
    peers.swap(peers_);
  }
  peers.clear();
  close(listener_.fd);
}

void CuttingBackend::Accept() {
  for (;;) {
    const int fd = accept4(listener_.fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int turn = TakeTurn();
    MutexLock lock(mutex_);
    peers_.push_back(std::make_unique<Peer>(*this, fd, turn));
  }
}

int CuttingBackend::TakeTurn() {
  MutexLock lock(mutex_);
  return turn_away_ > 0 ? 1 + turn_away_-- % 2 : 0;
}

void CuttingBackend::TurnAway(int connections) {
  MutexLock lock(mutex_);
  turn_away_ = connections;
}

void CuttingBackend::Stalled(const Peer& peer, int32_t stream, int call) {
  MutexLock lock(mutex_);
  open_.emplace(&peer, stream);
  stalls_.insert(call);
  changed_.NotifyAll();
}

void CuttingBackend::Over(const Peer& peer, int32_t stream) {
  MutexLock lock(mutex_);
  open_.erase({&peer, stream});
}

void CuttingBackend::AllOver(const Peer& peer) {
  MutexLock lock(mutex_);
  std::erase_if(open_, [&](const auto& call) { return call.first == &peer; });
}

bool CuttingBackend::AwaitStall(int call) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  MutexLock lock(mutex_);
  while (stalls_.count(call) == 0) {
    if (absl::Now() > end) return false;
    changed_.WaitFor(mutex_, end - absl::Now());
  }
  return true;
}

size_t CuttingBackend::stalled() {
  MutexLock lock(mutex_);
  return open_.size();
}

}  // namespace arasta::gateway
