// What the build has made for these tests. Where that is, only built_files.cc is told: all others compile to
// the same in every build tree.
#pragma once

namespace arasta::gateway {

extern const char* const kTestDescriptors;  // of gRPC's test service, health, and services of these tests
extern const char* const kContracts;        // of Arasta's services
extern const char* const kReplicaProgram;   // a backend that tests can kill

}  // namespace arasta::gateway
