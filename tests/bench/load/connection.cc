#include "tests/bench/load/connection.h"

#include <array>

namespace arasta::bench {

bool Connection::OnReadable() {
  std::array<char, 64 << 10> buffer;
  for (;;) {
    const ssize_t count = transport_->Read(absl::MakeSpan(buffer));
    const bool alive = count >= 0 && (count == 0 || OnBytes({buffer.data(), static_cast<size_t>(count)}));
    if (!alive) Abandon();
    // A short read has emptied the socket; TLS may hold more records back.
    if (count == 0 || !alive) return alive;
  }
}

bool Connection::Flush() {
  Serialise();
  if (transport_->Flush()) return true;
  Abandon();
  return false;
}

}  // namespace arasta::bench
