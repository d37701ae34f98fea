// Reads a guarded member without its lock: style.locks_test proves that the analysis refuses it.
#include "common/base/mutex.h"

namespace arasta {

struct Unlocked {
  Mutex mutex;
  int value ABSL_GUARDED_BY(mutex) = 0;
};

int Read(Unlocked& unlocked) {
  return unlocked.value;
}

}  // namespace arasta
