#include "tests/support/name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace arasta::testing {
namespace {

// RFC 1035: twelve bytes of head, of which six count the sections; the question is a name, two bytes of type
// and two of class.
constexpr size_t kHead = 12;
constexpr size_t kLargest = 512;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// Where the question's name ends; 0 in what is no query.
size_t EndOfName(const std::string& query) {
  size_t at = kHead;
  while (at < query.size() && query[at] != 0) at += 1 + static_cast<unsigned char>(query[at]);
  return at + 5 <= query.size() ? at + 1 : 0;
}

}  // namespace

NameServer::NameServer() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd_, any, size) != 0 || getsockname(fd_, any, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "serving names on the loopback");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

// An empty datagram ends the thread.
NameServer::~NameServer() {
  const sockaddr_in self = Loopback(port_);
  sendto(fd_, "", 0, 0, reinterpret_cast<const sockaddr*>(&self), sizeof self);
  thread_.join();
  close(fd_);
}

void NameServer::MoveTo(std::vector<std::string> addresses) {
  MutexLock lock(mutex_);
  addresses_ = std::move(addresses);
}

void NameServer::Serve() {
  for (;;) {
    std::string query(kLargest, 0);
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* const asking = reinterpret_cast<sockaddr*>(&from);
    const ssize_t received = recvfrom(fd_, query.data(), query.size(), 0, asking, &size);
    if (received <= 0) return;
    query.resize(static_cast<size_t>(received));
    const std::string answer = AnswerTo(query);
    if (!answer.empty()) sendto(fd_, answer.data(), answer.size(), 0, asking, size);
  }
}

std::string NameServer::AnswerTo(const std::string& query) {
  const size_t end = EndOfName(query);
  if (end == 0) return {};
  const bool asks_for_ipv4 = query[end] == 0 && query[end + 1] == 1;
  MutexLock lock(mutex_);
  const size_t count = asks_for_ipv4 ? addresses_.size() : 0;
  // The same id; an answer, by an authority, without error; one question, these answers, no more.
  std::string answer = query.substr(0, 2);
  answer.append("\x85\x80\0\1\0", 5).push_back(static_cast<char>(count));
  answer.append("\0\0\0\0", 4).append(query, kHead, end + 4 - kHead);
  for (size_t i = 0; i < count; ++i) {
    in_addr address{};
    inet_pton(AF_INET, addresses_[i].c_str(), &address);
    // The question's name, an IPv4 address of the Internet, which holds for no time, in four bytes.
    answer.append("\xc0\x0c\0\1\0\1\0\0\0\0\0\4", 12);
    answer.append(reinterpret_cast<const char*>(&address), sizeof address);
  }
  return answer;
}

}  // namespace arasta::testing
