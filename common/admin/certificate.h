// What is known of a process's certificate without shaking hands by it.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace arasta::admin {

// When the first certificate in a PEM file ends, in seconds since the epoch; 0 where it can't be read.
double CertificateEnd(const std::string& file);

// FAILED_PRECONDITION, in words that name the file, unless it is good just now and has that private key. A
// server whose pair is not meets nobody, and does not notice.
absl::Status CheckCertificate(const std::string& certificate, const std::string& key);

}  // namespace arasta::admin
