// A daemon that does not answer has no figures; the scrape goes on.
#include "agent/metrics/agent_metrics.hpp"

#include "agent/metrics/daemon_figures.hpp"
#include "base/container_metrics.hpp"
#include "base/process_table.hpp"
#include "daemons/apache.hpp"
#include "daemons/probing.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

// How old the daemons' figures may be.
constexpr auto kFresh = 5s;
// Each daemon listens there only for this pod (services/*/rootfs).
constexpr const char* kBind = "http://127.0.0.1:8622";
constexpr const char* kDovecot = "http://127.0.0.1:8623";
constexpr const char* kSpool = "/data/service/spool";

constexpr MetricFamily kProcesses{.name = "podplay_processes",
                                  .type = MetricType::gauge,
                                  .help = "Processes of the container, by their program"};

const std::vector<MeasuredVolume> kVolumes{
    {"state", "/data/service"}, {"logs", "/data/logs"}, {"user-data", "/data/user-data"}};

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
      add_apache_figures(
          text, daemons::read_figures(daemons::kApacheFigures, daemons::kApacheFiguresPath));
      break;
    case ServiceName::bind:
      add_bind_figures(text, daemons::read_figures(kBind, "/json/v1/server"));
      break;
    case ServiceName::mail:
      add_queue_figures(text, read_queue(kSpool), clock_.now());
      if (const std::string dovecot = daemons::read_figures(kDovecot, "/metrics");
          !dovecot.empty()) {
        add_dovecot_figures(text, dovecot);
      }
      break;
  }
  add_volume_metrics(text, kVolumes);
  add_memory_metrics(text);
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
