#include "common/admin/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <sstream>
#include <utility>

#include "common/admin/certificate.h"

namespace arasta::admin {
namespace {

prometheus::MetricFamily Family(std::string name, std::string help, prometheus::MetricType type) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

prometheus::MetricFamily Gauge(std::string name, std::string help, double value) {
  prometheus::MetricFamily family = Family(std::move(name), std::move(help), prometheus::MetricType::Gauge);
  family.metric.emplace_back().gauge.value = value;
  return family;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

// The second field of statm, see proc(5), is in pages.
double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// Less ".", ".." and the one that counts.
double OpenDescriptors() {
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  int count = -3;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

double MostDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

// Field 22 of stat is in clock ticks since the machine's start; the second one may itself contain blanks.
// Told by clocks that are set meanwhile it would change, and look like another start.
double ReadStartTime() {
  std::ifstream file("/proc/self/stat");
  std::stringstream text;
  text << file.rdbuf();
  std::istringstream fields(text.str().substr(std::min(text.str().rfind(')') + 1, text.str().size())));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  timespec wall{};
  timespec since_boot{};
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return static_cast<double>(wall.tv_sec - since_boot.tv_sec) +
         ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double StartTime() {
  static const double time = ReadStartTime();
  return time;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics() {
  prometheus::MetricFamily cpu =
      Family("process_cpu_seconds_total", "User and system time", prometheus::MetricType::Counter);
  cpu.metric.emplace_back().counter.value = CpuSeconds();
  return {
      std::move(cpu),
      Gauge("process_resident_memory_bytes", "Memory that is in use", ResidentBytes()),
      Gauge("process_open_fds", "Open descriptors", OpenDescriptors()),
      Gauge("process_max_fds", "Descriptors that may be open", MostDescriptors()),
      Gauge("process_start_time_seconds", "When the process began, since the epoch", StartTime()),
  };
}

prometheus::MetricFamily CertificateMetrics(const std::vector<std::string>& files) {
  prometheus::MetricFamily family =
      Family("arasta_certificate_expiry_timestamp_seconds",
             "When the certificate in a file ends, since the epoch; 0 where it can't be read",
             prometheus::MetricType::Gauge);
  for (const std::string& file : files) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{"file", file}};
    metric.gauge.value = CertificateEnd(file);
  }
  return family;
}

}  // namespace arasta::admin
