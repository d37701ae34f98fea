// A TestBackend as a process of its own, for tests that kill it: replica PORT, where 0 picks one. Prints the
// port; SIGTERM drains.
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "tests/integration/gateway/test_backend.h"

int main(int argc, char** argv) {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  arasta::gateway::TestBackend backend(argc > 1 ? std::atoi(argv[1]) : 0);
  std::cout << backend.port() << std::endl;
  int signal = 0;
  sigwait(&end, &signal);
  backend.Drain();
}
