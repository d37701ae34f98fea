// TLS over the socket of a connection to Redis, as hiredis 0.14 has none.
#pragma once

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

struct ssl_st;

namespace arasta::redis {

// For one thread. All failures are UNAVAILABLE and say why, those after the deadline too; after one it is of
// no more use.
class TlsLayer {
 public:
  // Shakes hands, by TLS 1.2 or 1.3. The other side shows a certificate for `host`, signed by one of the PEM
  // file `authorities`, or where that is empty by one whom the system trusts. Files are read anew each time.
  static absl::StatusOr<std::unique_ptr<TlsLayer>> Begin(int socket, const std::string& host,
                                                         const std::string& authorities, absl::Time deadline);
  ~TlsLayer();
  TlsLayer(const TlsLayer&) = delete;
  TlsLayer& operator=(const TlsLayer&) = delete;

  // All of it.
  absl::Status Write(absl::string_view bytes, absl::Time deadline);
  // At least one byte, and at most one record.
  absl::StatusOr<size_t> Read(absl::Span<char> bytes, absl::Time deadline);

 private:
  TlsLayer(ssl_st* tls, int socket) : tls_(tls), socket_(socket) {}

  // Takes a step of OpenSSL's, again whenever it had to wait for the other side.
  absl::Status Take(absl::FunctionRef<int()> step, absl::Time deadline);
  bool Await(short events, absl::Time deadline) const;
  // What SSL_get_error's `error` means.
  absl::Status FailureOf(int error) const;

  ssl_st* const tls_;
  const int socket_;
};

}  // namespace arasta::redis
