// The life of a call, from the moment it is taken from the queue to its answer.
#pragma once

#include <memory>

#include "common/rpc/server_call.h"

namespace arasta::rpc {

enum class Thread { kQueue, kWorker };

// Never blocks on a queue's thread. Every path ends in exactly one Finish: a call that never
// finishes would hold up Shutdown for ever.
void RunPipeline(const std::shared_ptr<ServerCall>& pending, Thread thread = Thread::kQueue);

}  // namespace arasta::rpc
