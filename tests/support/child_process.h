// A server of a test's own: started here, ended with the test's process whatever way that ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace arasta::testing {

// The user that servers run as: PostgreSQL refuses root, so postgres then; else the present one.
struct RunAs {
  uid_t uid;
  gid_t gid;
};
RunAs ServerUser();

// A folder under TMPDIR that belongs to ServerUser() and goes with this object.
class TempDir {
 public:
  explicit TempDir(const std::string& prefix);
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class ChildProcess {
 public:
  // Starts `argv` as `user` with its output in `log_path`; the kernel sends it `death_signal` when this
  // process dies.
  ChildProcess(const std::vector<std::string>& argv, RunAs user, const std::string& log_path,
               int death_signal);
  // Sends the death signal and waits.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Returns once the process says READY=1 as sd_notify does; throws when it ends first or takes over 30 s.
  void AwaitReady();

  void Signal(int signal);
  // Waits for the end and returns the exit status as waitpid gives it.
  int Wait();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int death_signal_;
  int notifications_;  // what NOTIFY_SOCKET names
};

}  // namespace arasta::testing
