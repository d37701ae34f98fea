// bench_argon2 HASH PASSWORD SECONDS: verifies the password against libsodium's hash of it, over and over on
// one thread, and prints {"rate":…}: what a core can do where nothing but that is asked of it.
#include <sodium.h>

#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

int main(int argc, char** argv) {
  double seconds = 0;
  if (argc != 4 || !absl::SimpleAtod(argv[3], &seconds) || sodium_init() < 0) {
    absl::FPrintF(stderr, "bench_argon2 HASH PASSWORD SECONDS\n");
    return EXIT_FAILURE;
  }
  const absl::Time start = absl::Now();
  int verified = 0;
  while (absl::Now() - start < absl::Seconds(seconds)) {
    if (crypto_pwhash_str_verify(argv[1], argv[2], std::strlen(argv[2])) != 0) {
      absl::FPrintF(stderr, "bench_argon2: not the password of that hash\n");
      return EXIT_FAILURE;
    }
    ++verified;
  }
  absl::PrintF("{\"rate\":%.3f}\n", verified / absl::ToDoubleSeconds(absl::Now() - start));
  return EXIT_SUCCESS;
}
