// Unix sockets by path, for fixtures.
#pragma once

#include <string>

namespace arasta::testing {

// Throws when it can't.
int ListenUnix(const std::string& path);

// -1 when nobody listens.
int ConnectUnix(const std::string& path);

}  // namespace arasta::testing
