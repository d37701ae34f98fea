#include "tests/support/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace arasta::testing {
namespace {

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
    : death_signal_(death_signal) {
  std::vector<char*> pointers;
  for (const std::string& arg : argv) pointers.push_back(const_cast<char*>(arg.c_str()));
  pointers.push_back(nullptr);
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) Exec(std::move(pointers), user, log, death_signal);
  close(log);
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  Signal(SIGCONT);
  Signal(death_signal_);
  Wait();
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
