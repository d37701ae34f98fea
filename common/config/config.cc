#include "common/config/config.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"

namespace arasta::config {
namespace {

constexpr int kExitForProblems = 2;
constexpr size_t kShortestSecret = 32;
constexpr char kPrefix[] = "ARASTA_";

// --crash-point is ARASTA_CRASH_POINT.
std::string VariableOf(absl::string_view flag) {
  absl::ConsumePrefix(&flag, "--");
  return absl::StrCat(kPrefix, absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

std::string FlagOf(absl::string_view variable) {
  absl::ConsumePrefix(&variable, kPrefix);
  return absl::StrCat("--", absl::AsciiStrToLower(absl::StrReplaceAll(variable, {{"_", "-"}})));
}

Config::Environment ProcessEnvironment() {
  Config::Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return environment;
}

std::vector<std::string> Arguments(int argc, char** argv) {
  return argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

absl::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return std::string(absl::StripTrailingAsciiWhitespace(content.str()));
}

bool IsAction(const std::string& argument) {
  return argument == "--help" || argument == "--print-config" || argument == "--check-config";
}

}  // namespace

Config::Config(int argc, char** argv) : Config(ProcessEnvironment(), Arguments(argc, argv)) {
  if (argc > 0) program_ = argv[0];
}

Config::Config(Environment environment, const std::vector<std::string>& arguments)
    : environment_(std::move(environment)) {
  ReadArguments(arguments);
  ReadProfile();
  const std::string crash_point = String("ARASTA_CRASH_POINT", "", "Dies at this named point, for tests");
  if (IsProduction() && !crash_point.empty()) AddProblem("ARASTA_CRASH_POINT is refused in production");
}

void Config::ReadArguments(const std::vector<std::string>& arguments) {
  bool has_command = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (IsAction(argument)) {
      action_ = argument;
    } else if (!absl::StartsWith(argument, "--")) {
      if (has_command) AddProblem(absl::StrCat(argument, ": one command only, and it is ", command_));
      has_command = true;
      command_ = argument;
    } else {
      const size_t equals = argument.find('=');
      const std::string name = VariableOf(argument.substr(0, equals));
      const bool has_next = i + 1 < arguments.size();
      if (equals == std::string::npos && !has_next) AddProblem(absl::StrCat(argument, " wants a value"));
      const std::string value = equals != std::string::npos ? argument.substr(equals + 1)
                                : has_next                  ? arguments[++i]
                                                            : "";
      flags_[name] = value;
      unread_flags_.insert(name);
    }
  }
}

void Config::ReadProfile() {
  const std::string name = String("ARASTA_PROFILE", "production",
                                  "local, test or production; only production insists on TLS and secrets");
  if (name == "local") {
    profile_ = Profile::kLocal;
  } else if (name == "test") {
    profile_ = Profile::kTest;
  } else if (name != "production") {
    AddProblem(absl::StrCat("ARASTA_PROFILE=", name, " is not local, test or production"));
  }
}

std::string Config::String(const std::string& name, const std::string& default_value,
                           const std::string& meaning) {
  const std::string value = Lookup(name).value_or(default_value);
  Record({name, meaning, default_value, value});
  return value;
}

std::string Config::Required(const std::string& name, const std::string& meaning) {
  const std::string value = Lookup(name).value_or("");
  if (value.empty()) AddProblem(absl::StrCat(name, " is required: ", meaning));
  Record({name, meaning, "required", value});
  return value;
}

std::string Config::Secret(const std::string& name, const std::string& meaning,
                           const std::string& local_default) {
  const absl::optional<std::string> given = LookupSecret(name);
  const bool missing = !given.has_value() || given->empty();
  if (missing && (IsProduction() || local_default.empty())) {
    AddProblem(absl::StrCat(name, " or ", name, "_FILE is required: ", meaning));
  } else if (IsProduction() && given == local_default) {
    AddProblem(absl::StrCat(name, " has the public default of the local profile"));
  } else if (IsProduction() && given->size() < kShortestSecret) {
    AddProblem(absl::StrCat(name, " is shorter than ", kShortestSecret, " bytes"));
  }
  const std::string value = missing ? local_default : *given;
  RecordSecret(name, meaning, local_default.empty() ? "required" : "a public one, local profile only", value);
  return value;
}

std::string Config::OptionalSecret(const std::string& name, const std::string& meaning) {
  const std::string value = LookupSecret(name).value_or("");
  RecordSecret(name, meaning, "", value);
  return value;
}

std::string Config::OneOf(const std::string& name, const std::vector<std::string>& values,
                          const std::string& meaning) {
  const std::string value = String(name, values.front(), meaning);
  const bool known = std::find(values.begin(), values.end(), value) != values.end();
  if (!known) Refuse(name, value, absl::StrCat("is none of ", absl::StrJoin(values, ", ")));
  return value;
}

std::string Config::Address(const std::string& name, const std::string& default_value,
                            const std::string& meaning) {
  const std::string value = String(name, default_value, meaning);
  if (!IsAddress(value)) Refuse(name, value, "is not host:port");
  return value;
}

std::string Config::File(const std::string& name, const std::string& meaning) {
  const std::string path = String(name, "", meaning);
  if (!path.empty() && !IsReadable(path)) Refuse(name, path, "can't be read, or is empty");
  return path;
}

int64_t Config::Int(const std::string& name, int64_t default_value, int64_t min, int64_t max,
                    const std::string& meaning) {
  const std::string text = Lookup(name).value_or(absl::StrCat(default_value));
  int64_t value = default_value;
  if (!absl::SimpleAtoi(text, &value) || value < min || value > max) {
    AddProblem(absl::StrCat(name, "=", text, " is not a whole number from ", min, " to ", max));
    value = default_value;
  }
  Record({name, meaning, absl::StrCat(default_value), text});
  return value;
}

double Config::Number(const std::string& name, double default_value, double min, double max,
                      const std::string& meaning) {
  const std::string text = Lookup(name).value_or(absl::StrCat(default_value));
  double value = default_value;
  // Written so that what is no number at all is out of bounds too.
  if (!absl::SimpleAtod(text, &value) || !(value >= min && value <= max)) {
    AddProblem(absl::StrCat(name, "=", text, " is not a number from ", min, " to ", max));
    value = default_value;
  }
  Record({name, meaning, absl::StrCat(default_value), text});
  return value;
}

bool Config::Bool(const std::string& name, bool default_value, const std::string& meaning) {
  const std::string default_text = default_value ? "true" : "false";
  const std::string text = Lookup(name).value_or(default_text);
  bool value = default_value;
  if (!absl::SimpleAtob(text, &value)) AddProblem(absl::StrCat(name, "=", text, " is not true or false"));
  Record({name, meaning, default_text, text});
  return value;
}

absl::Duration Config::Duration(const std::string& name, absl::Duration default_value, absl::Duration min,
                                absl::Duration max, const std::string& meaning) {
  const std::string text = Lookup(name).value_or(absl::FormatDuration(default_value));
  absl::Duration value = default_value;
  if (!absl::ParseDuration(text, &value) || value < min || value > max) {
    AddProblem(absl::StrCat(name, "=", text, " is not a duration from ", absl::FormatDuration(min), " to ",
                            absl::FormatDuration(max)));
    value = default_value;
  }
  Record({name, meaning, absl::FormatDuration(default_value), text});
  return value;
}

void Config::Refuse(const std::string& name, const std::string& value, absl::string_view why) {
  AddProblem(absl::StrCat(name, "=", value, " ", why));
}

void Config::Redact(const std::string& name) {
  for (Setting& setting : settings_) setting.secret = setting.secret || setting.name == name;
}

absl::optional<std::string> Config::Lookup(const std::string& name) {
  unread_flags_.erase(name);
  if (const auto flag = flags_.find(name); flag != flags_.end()) return flag->second;
  if (const auto variable = environment_.find(name); variable != environment_.end()) return variable->second;
  return absl::nullopt;
}

absl::optional<std::string> Config::LookupSecret(const std::string& name) {
  if (flags_.count(name) > 0) {
    AddProblem(absl::StrCat(FlagOf(name), ": a secret is never given as a flag, others could read it"));
    unread_flags_.erase(name);
  }
  const absl::optional<std::string> path = Lookup(absl::StrCat(name, "_FILE"));
  const auto variable = environment_.find(name);
  if (!path.has_value() || path->empty()) {
    return variable == environment_.end() ? absl::nullopt : absl::make_optional(variable->second);
  }
  if (variable != environment_.end()) AddProblem(absl::StrCat("both ", name, " and ", name, "_FILE are set"));
  absl::optional<std::string> content = ReadFile(*path);
  if (!content.has_value()) AddProblem(absl::StrCat(name, "_FILE=", *path, " can't be read"));
  return content;
}

void Config::RecordSecret(const std::string& name, const std::string& meaning,
                          const std::string& default_text, const std::string& value) {
  Record({name, absl::StrCat(meaning, " (secret: also from the file named by ", name, "_FILE)"), default_text,
          value, true});
}

void Config::Record(Setting setting) {
  const bool known = std::any_of(settings_.begin(), settings_.end(),
                                 [&](const Setting& other) { return other.name == setting.name; });
  if (!known) settings_.push_back(std::move(setting));
}

absl::Status Config::Finish() {
  for (const std::string& name : unread_flags_) AddProblem(absl::StrCat(FlagOf(name), " is not known"));
  unread_flags_.clear();
  if (problems_.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "BAD_CONFIGURATION", absl::StrJoin(problems_, "\n"));
}

void Config::FinishOrExit() {
  if (action_ == "--help") {
    std::cout << Help();
    std::exit(0);
  }
  if (const absl::Status status = Finish(); !status.ok()) {
    std::cerr << status.message() << "\n";
    std::exit(kExitForProblems);
  }
  if (action_.empty()) return;
  std::cout << (action_ == "--print-config" ? Print() : "the configuration is valid\n");
  std::exit(0);
}

std::string Config::Help() const {
  std::string help = absl::StrCat("usage: ", program_,
                                  " [command] [--flag value]... [--help|--print-config|--check-config]\n\n"
                                  "Every variable is a flag too: ARASTA_LISTEN is --listen.\n\n");
  for (const Setting& setting : settings_) {
    absl::StrAppend(&help, setting.name, "\n    ", setting.meaning,
                    "\n    default: ", setting.default_text.empty() ? "none" : setting.default_text, "\n");
  }
  return help;
}

std::string Config::Print() const {
  std::string text;
  for (const Setting& setting : settings_) {
    absl::StrAppend(&text, setting.name, "=", setting.secret ? "(redacted)" : setting.value, "\n");
  }
  return text;
}

bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port)) return false;
  absl::string_view host = text.substr(0, colon);
  const bool v6 = absl::ConsumePrefix(&host, "[");
  if (v6 != absl::ConsumeSuffix(&host, "]")) return false;
  return port >= 0 && port <= 65535 && !host.empty() &&
         host.find_first_of(v6 ? "/ []" : ":/ []@") == absl::string_view::npos;
}

// Of a folder, too, a stream can be made.
bool IsReadable(const std::string& path) {
  return std::ifstream(path).peek() != std::ifstream::traits_type::eof();
}

}  // namespace arasta::config
