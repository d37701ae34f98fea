#include "tests/support/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace arasta::testing {
namespace {

constexpr int kStartMillis = 30'000;

// A datagram socket with an abstract name of the kernel's choice, so that no file is left behind.
int BindNotifications() {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_un any{.sun_family = AF_UNIX, .sun_path = {}};
  if (bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof(sa_family_t)) != 0)
    throw std::runtime_error("bind");
  return fd;
}

// As NOTIFY_SOCKET spells it: '@' for the NUL in front.
std::string NameOf(int fd) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  std::string name(address.sun_path, size - offsetof(sockaddr_un, sun_path));
  name[0] = '@';
  return name;
}

// After fork, before exec. The death signal is set after the ids, which would clear it.
[[noreturn]] void Exec(std::vector<char*> argv, RunAs user, int log, int death_signal) {
  if (getuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0))
    _exit(126);
  prctl(PR_SET_PDEATHSIG, death_signal);
  setpgid(0, 0);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (chdir("/") != 0) _exit(126);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

RunAs ServerUser() {
  if (getuid() != 0) return {getuid(), getgid()};
  const passwd* user = getpwnam("postgres");
  if (!user) throw std::runtime_error("the user postgres is missing; install postgresql-15");
  return {user->pw_uid, user->pw_gid};
}

TempDir::TempDir(const std::string& prefix)
    : path_((std::filesystem::temp_directory_path() / (prefix + "XXXXXX")).string()) {
  if (!mkdtemp(path_.data())) throw std::runtime_error("mkdtemp " + path_);
  const RunAs user = ServerUser();
  if (getuid() == 0 && chown(path_.c_str(), user.uid, user.gid) != 0)
    throw std::runtime_error("chown " + path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ChildProcess::ChildProcess(const std::vector<std::string>& argv, RunAs user, const std::string& log_path,
                           int death_signal)
    : death_signal_(death_signal), notifications_(BindNotifications()) {
  std::vector<char*> pointers;
  for (const std::string& arg : argv) pointers.push_back(const_cast<char*>(arg.c_str()));
  pointers.push_back(nullptr);
  const std::string notify_socket = NameOf(notifications_);
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    setenv("NOTIFY_SOCKET", notify_socket.c_str(), 1);
    Exec(std::move(pointers), user, log, death_signal);
  }
  close(log);
}

ChildProcess::~ChildProcess() {
  close(notifications_);
  if (pid_ < 0) return;
  Signal(SIGCONT);
  Signal(death_signal_);
  Wait();
}

void ChildProcess::AwaitReady() {
  const int ended = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd either[] = {{notifications_, POLLIN, 0}, {ended, POLLIN, 0}};
  std::string message;
  while (message.find("READY=1") == std::string::npos) {
    if (poll(either, 2, kStartMillis) <= 0 || !(either[0].revents & POLLIN)) {
      close(ended);
      throw std::runtime_error("a server did not start");
    }
    char buffer[512];
    const ssize_t length = recv(notifications_, buffer, sizeof buffer, 0);
    message.assign(buffer, length < 0 ? 0 : static_cast<size_t>(length));
  }
  close(ended);
}

void ChildProcess::Signal(int signal) {
  if (pid_ > 0) kill(pid_, signal);
}

int ChildProcess::Wait() {
  int status = 0;
  if (pid_ > 0) waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

}  // namespace arasta::testing
