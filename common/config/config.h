// The configuration of a process: environment variables, and the same as flags (--listen is
// ARASTA_LISTEN). Every problem is collected and reported at once.
//
//   Config config(argc, argv);
//   ServiceConfig settings = Read(config);   // config.String(…), config.Secret(…), …
//   config.FinishOrExit();                   // --help, --print-config, --check-config, problems
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace arasta::config {

enum class Profile { kLocal, kTest, kProduction };

// The readers name a variable by its full name and say what it means, for --help. They return a usable
// value even where they found a problem; Finish tells whether any was found. Not thread-safe: lives in
// main.
class Config {
 public:
  using Environment = std::map<std::string, std::string>;

  Config(int argc, char** argv);
  // `arguments` without the program's name.
  Config(Environment environment, const std::vector<std::string>& arguments);

  std::string String(const std::string& name, const std::string& default_value, const std::string& meaning);
  std::string Required(const std::string& name, const std::string& meaning);
  // From NAME or from the file that NAME_FILE names, never from a flag; redacted in --print-config. The
  // default, which is public, and less than 32 bytes are refused outside the profiles local and test.
  std::string Secret(const std::string& name, const std::string& meaning,
                     const std::string& local_default = "");
  // The same where having none is an answer too: then empty.
  std::string OptionalSecret(const std::string& name, const std::string& meaning);
  // The first of `values` where the variable is absent.
  std::string OneOf(const std::string& name, const std::vector<std::string>& values,
                    const std::string& meaning);
  // host:port or [v6]:port.
  std::string Address(const std::string& name, const std::string& default_value, const std::string& meaning);
  // The path of a file that can be read now; empty where none is named.
  std::string File(const std::string& name, const std::string& meaning);
  int64_t Int(const std::string& name, int64_t default_value, int64_t min, int64_t max,
              const std::string& meaning);
  double Number(const std::string& name, double default_value, double min, double max,
                const std::string& meaning);
  bool Bool(const std::string& name, bool default_value, const std::string& meaning);
  absl::Duration Duration(const std::string& name, absl::Duration default_value, absl::Duration min,
                          absl::Duration max, const std::string& meaning);

  // ARASTA_PROFILE; production unless said otherwise, so that forgetting it is safe.
  Profile profile() const { return profile_; }
  bool IsProduction() const { return profile_ == Profile::kProduction; }

  // The first argument that is not a flag: "serve" where there is none.
  const std::string& command() const { return command_; }

  // A problem that only the service can see, such as two settings that contradict each other.
  void AddProblem(const std::string& problem) { problems_.push_back(problem); }

  // Of a setting that turns out to hold a secret: --print-config does not tell it.
  void Redact(const std::string& name);

  // INVALID_ARGUMENT listing every problem, a line each.
  absl::Status Finish();

  // Finish for main: answers --help, --print-config and --check-config with exit 0, problems with 2.
  void FinishOrExit();

 private:
  struct Setting {
    std::string name;
    std::string meaning;
    std::string default_text;
    std::string value;
    bool secret = false;
  };

  void ReadArguments(const std::vector<std::string>& arguments);
  void ReadProfile();
  void Refuse(const std::string& name, const std::string& value, absl::string_view why);
  absl::optional<std::string> Lookup(const std::string& name);
  absl::optional<std::string> LookupSecret(const std::string& name);
  void RecordSecret(const std::string& name, const std::string& meaning, const std::string& default_text,
                    const std::string& value);
  void Record(Setting setting);
  std::string Help() const;
  std::string Print() const;

  Environment environment_;
  std::map<std::string, std::string> flags_;  // by variable name
  std::set<std::string> unread_flags_;
  std::string program_ = "arasta";
  std::string command_ = "serve";
  std::string action_;  // "--help", "--print-config", "--check-config" or nothing
  Profile profile_ = Profile::kProduction;
  std::vector<Setting> settings_;
  std::vector<std::string> problems_;
};

// Whether it is host:port or [v6]:port, with a port from 0 to 65535. Nothing is looked up.
bool IsAddress(absl::string_view text);

// Whether that file can be read, and has something in it.
bool IsReadable(const std::string& path);

}  // namespace arasta::config
