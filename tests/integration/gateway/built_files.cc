#include "tests/integration/gateway/built_files.h"

namespace arasta::gateway {

const char* const kTestDescriptors = GATEWAY_TEST_DESCRIPTORS;
const char* const kContracts = GATEWAY_CONTRACTS;
const char* const kReplicaProgram = GATEWAY_TEST_REPLICA;

}  // namespace arasta::gateway
