// A Redis that asks for a password, on a Unix socket and by TLS on localhost, as one that is run for others.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/redis/redis.h"
#include "tests/support/certificates.h"
#include "tests/support/child_process.h"
#include "tests/support/loopback.h"
#include "tests/support/redis.h"

namespace arasta::redis {

class SecureRedis {
 public:
  Options BySocket() const { return {.address = server_.address(), .password = kPassword, .size = 2}; }
  Options ByTls(const std::string& host = "localhost") const {
    return {.address = absl::StrCat("rediss://", host, ":", port_),
            .authorities = authority_.CaPath(),
            .password = kPassword,
            .size = 2};
  }

  void Kill() { server_.Kill(); }
  void Start() { server_.Start(); }

 private:
  static constexpr char kPassword[] = "sesame";

  // A certificate for localhost and 127.0.0.1, where the server's user may read it.
  std::vector<std::string> Settings() {
    authority_.Issue("redis", "redis");
    const std::string certificate = files_.path() + "/redis.crt", key = files_.path() + "/redis.key";
    std::filesystem::copy_file(authority_.CertificatePath("redis"), certificate);
    std::filesystem::copy_file(authority_.KeyPath("redis"), key);
    return {"--requirepass",
            kPassword,
            "--bind",
            "127.0.0.1 127.0.0.2",
            "--tls-port",
            std::to_string(port_),
            "--tls-cert-file",
            certificate,
            "--tls-key-file",
            key,
            "--tls-auth-clients",
            "no"};
  }

  const int port_ = testing::FreePort();
  testing::CertificateAuthority authority_;
  testing::TempDir files_{"arasta-redis-files-"};
  testing::TestRedis server_{Settings()};
};

}  // namespace arasta::redis
