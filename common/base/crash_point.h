// Named places where a test may kill the process, to prove that what it left half done is repaired.
#pragma once

namespace arasta {

// Ends the process at once, as `kill -9` would, when the environment says ARASTA_CRASH_POINT=name, or
// name:N for the N-th passage. Otherwise costs one load. Thread-safe.
void CrashPoint(const char* name);

}  // namespace arasta
