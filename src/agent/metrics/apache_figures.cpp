// mod_status with ?auto has lines "Name: value" and the scoreboard, a character for each worker.
#include <algorithm>
#include <array>
#include <optional>

#include "agent/metrics/daemon_figures.hpp"
#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

constexpr MetricFamily kRequests{.name = "podplay_apache_requests_total",
                                 .help = "Requests that Apache has answered since its start"};
constexpr MetricFamily kBytes{.name = "podplay_apache_sent_bytes_total",
                              .help = "Bytes that Apache has sent since its start"};
constexpr MetricFamily kWorkers{.name = "podplay_apache_workers",
                                .type = MetricType::gauge,
                                .help = "Apache's threads by what they do (its scoreboard)"};
constexpr MetricFamily kConnections{.name = "podplay_apache_connections",
                                    .type = MetricType::gauge,
                                    .help = "Connections to Apache"};

struct WorkerState {
  char sign;
  std::string_view name;
};
constexpr std::array kStates = std::to_array<WorkerState>({{'_', "waiting"},
                                                           {'S', "starting"},
                                                           {'R', "reading"},
                                                           {'W', "sending"},
                                                           {'K', "keepalive"},
                                                           {'D', "dns"},
                                                           {'C', "closing"},
                                                           {'L', "logging"},
                                                           {'G', "finishing"},
                                                           {'I', "cleaning"}});

// The rest of the line that begins with "name: ".
std::optional<std::string_view> line_of(std::string_view status, std::string_view name) {
  while (!status.empty()) {
    const std::size_t end = std::min(status.find('\n'), status.size());
    const std::string_view line = status.substr(0, end);
    status.remove_prefix(std::min(end + 1, status.size()));
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) {
      return line.substr(name.size() + 2);
    }
  }
  return std::nullopt;
}

void add_number(MetricText& text, const MetricFamily& family, std::string_view status,
                std::string_view name, double factor) {
  const auto line = line_of(status, name);
  const auto number = line ? parse_number<std::uint64_t>(*line) : std::nullopt;
  if (number) {
    text.one(family, static_cast<double>(*number) * factor);
  }
}

}  // namespace

void add_apache_figures(MetricText& text, std::string_view status) {
  constexpr double kKilobyte = 1024;
  add_number(text, kRequests, status, "Total Accesses", 1);
  add_number(text, kBytes, status, "Total kBytes", kKilobyte);
  add_number(text, kConnections, status, "ConnsTotal", 1);
  const auto board = line_of(status, "Scoreboard");
  if (!board) {
    return;
  }
  text.family(kWorkers);
  for (const WorkerState& state : kStates) {
    text.sample(kWorkers, {{"state", std::string(state.name)}},
                static_cast<double>(std::ranges::count(*board, state.sign)));
  }
}

}  // namespace podplay::agent
