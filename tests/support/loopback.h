// TCP on the loopback, for fixtures that are servers or clients by hand.
#pragma once

namespace arasta::testing {

struct LoopbackListener {
  int fd;  // the caller's to close
  int port;
};

// On a port that was free. Throws when it can't.
LoopbackListener ListenOnLoopback(int backlog = 16);

// One that is free now, for a server that has to be told its port.
int FreePort();

// A connection, which is the caller's to close; -1 where nobody listens.
int ConnectToLoopback(int port);

}  // namespace arasta::testing
