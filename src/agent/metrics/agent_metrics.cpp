// A daemon that does not answer has no figures; the scrape goes on.
#include "agent/metrics/agent_metrics.hpp"

#include "agent/metrics/daemon_figures.hpp"
#include "base/memory_limit.hpp"
#include "base/process_table.hpp"
#include "base/volume_space.hpp"
#include "net/http.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

// How old the daemons' figures may be.
constexpr auto kFresh = 5s;
constexpr std::chrono::milliseconds kTimeout{1000};
constexpr std::size_t kMostAnswer = 1U << 20;
// Each daemon listens there only for this pod (services/*/rootfs).
constexpr const char* kApache = "http://127.0.0.1:8621";
constexpr const char* kBind = "http://127.0.0.1:8622";
constexpr const char* kDovecot = "http://127.0.0.1:8623";
constexpr const char* kSpool = "/data/service/spool";

constexpr MetricFamily kVolumeUsed{.name = "podplay_volume_used_ratio",
                                   .type = MetricType::gauge,
                                   .help = "Share of a volume's space that is in use, 0 to 1"};
constexpr MetricFamily kVolumeFree{.name = "podplay_volume_free_bytes",
                                   .type = MetricType::gauge,
                                   .help = "What may still be written to a volume"};
constexpr MetricFamily kFilesUsed{.name = "podplay_volume_inodes_used_ratio",
                                  .type = MetricType::gauge,
                                  .help = "Share of a volume's inodes that is in use, 0 to 1"};
constexpr MetricFamily kMemory{.name = "podplay_memory_used_bytes",
                               .type = MetricType::gauge,
                               .help = "Memory that the container uses"};
constexpr MetricFamily kMemoryLimit{.name = "podplay_memory_limit_bytes",
                                    .type = MetricType::gauge,
                                    .help = "Memory that the container may use"};
constexpr MetricFamily kOomKills{.name = "podplay_memory_oom_kills_total",
                                 .help = "Processes that the kernel has killed for memory"};
constexpr MetricFamily kProcesses{.name = "podplay_processes",
                                  .type = MetricType::gauge,
                                  .help = "Processes of the container, by their program"};

struct Volume {
  const char* name;
  const char* path;
};
constexpr Volume kVolumes[] = {
    {"state", "/data/service"}, {"logs", "/data/logs"}, {"user-data", "/data/user-data"}};

std::string ask(const char* origin, const char* path) {
  auto client = net::HttpClient::make({.base_url = origin,
                                       .connect_timeout = kTimeout,
                                       .timeout = kTimeout,
                                       .most_body = kMostAnswer});
  if (!client) {
    return {};
  }
  net::HttpRequest request;
  request.path = path;
  const auto answer = (*client)->send(request);
  return answer && answer->status == 200 ? answer->body : std::string();
}

double share_used(std::uint64_t total, std::uint64_t free) {
  return total == 0 ? 0 : 1 - static_cast<double>(free) / static_cast<double>(total);
}

void add_volumes(MetricText& text) {
  std::vector<std::pair<const char*, VolumeSpace>> found;
  for (const Volume& volume : kVolumes) {
    if (auto space = read_volume_space(volume.path)) {
      found.emplace_back(volume.name, std::move(*space));
    }
  }
  text.family(kVolumeUsed);
  for (const auto& [name, space] : found) {
    text.sample(kVolumeUsed, {{"volume", name}}, share_used(space.total_bytes, space.free_bytes));
  }
  text.family(kVolumeFree);
  for (const auto& [name, space] : found) {
    text.sample(kVolumeFree, {{"volume", name}}, static_cast<double>(space.free_bytes));
  }
  text.family(kFilesUsed);
  for (const auto& [name, space] : found) {
    text.sample(kFilesUsed, {{"volume", name}}, share_used(space.total_files, space.free_files));
  }
}

void add_memory(MetricText& text) {
  if (const auto memory = read_memory_limit()) {
    text.one(kMemory, static_cast<double>(memory->used_bytes));
    text.one(kMemoryLimit, static_cast<double>(memory->limit_bytes));
    text.one(kOomKills, static_cast<double>(memory->oom_kills));
  }
}

// A session of IMAP or POP3 is a process of Dovecot.
void add_processes(MetricText& text) {
  constexpr std::size_t kMostNames = 40;
  std::map<std::string, std::uint64_t> counts;
  for (const ProcessFacts& process : read_processes()) {
    if (counts.contains(process.name) || counts.size() < kMostNames) {
      ++counts[process.name];
    }
  }
  text.family(kProcesses);
  for (const auto& [name, count] : counts) {
    text.sample(kProcesses, {{"program", name}}, static_cast<double>(count));
  }
}

}  // namespace

std::string AgentMetrics::daemon_text() const {
  MetricText text({{"service", std::string(to_text(service_))}});
  switch (service_) {
    case ServiceName::apache:
      add_apache_figures(text, ask(kApache, "/server-status?auto"));
      break;
    case ServiceName::bind: add_bind_figures(text, ask(kBind, "/json/v1/server")); break;
    case ServiceName::mail:
      add_queue_figures(text, read_queue(kSpool), clock_.now());
      if (const std::string dovecot = ask(kDovecot, "/metrics"); !dovecot.empty()) {
        add_dovecot_figures(text, dovecot);
      }
      break;
  }
  add_volumes(text);
  add_memory(text);
  add_processes(text);
  return text.take();
}

std::string AgentMetrics::text() const {
  const std::unique_lock asking(asking_, std::try_to_lock);
  bool stale = false;
  {
    const std::scoped_lock lock(mutex_);
    stale = daemons_.empty() || clock_.steady() - asked_ > kFresh;
  }
  if (asking.owns_lock() && stale) {
    std::string fresh = daemon_text();
    const std::scoped_lock lock(mutex_);
    daemons_ = std::move(fresh);
    asked_ = clock_.steady();
  }
  const std::scoped_lock lock(mutex_);
  return board_metrics(board_) + daemons_;
}

}  // namespace podplay::agent
