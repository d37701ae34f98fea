// How many cores this process may really use.
#pragma once

namespace arasta {

// The CPU affinity, and the cgroup's quota rounded up, whichever is less; at least 1. Other counts,
// gRPC's among them, know neither, and in a container of half a core would start a thread for each of the
// machine's.
int UsableCores();

}  // namespace arasta
