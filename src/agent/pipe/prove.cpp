// Nothing counts as done before the daemon itself says so: each probe speaks the daemon's protocol.
#include "agent/pipe/prove.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "net/x509.hpp"

namespace podplay::agent {

using namespace std::chrono;
using daemons::Daemon;

Prover::Prover(supervise::Processes& processes, Clock& clock, Board& board, ProverOptions options)
    : processes_(processes), clock_(clock), board_(board), options_(std::move(options)) {}

bool Prover::probe(Daemon& daemon, const Snapshot& snapshot, std::vector<ProbeStatus>& results) {
  const std::string name(daemon.name());
  const int pid = status_of(name).pid;
  std::vector<ProbeStatus> seen;
  if (pid == 0) {
    seen.push_back({name, false, fmt::format("{} is not running", name)});
  } else {
    seen = daemon.probe(snapshot, options_.probe_timeout);
  }
  const bool well = std::ranges::all_of(seen, &ProbeStatus::ok);
  if (well) {
    processes_.mark_ready(name, pid);
  }
  if (options_.seen) {
    options_.seen(daemon, well);
  }
  std::ranges::move(seen, std::back_inserter(results));
  return well;
}

Step Prover::prove(const std::vector<Daemon*>& daemons, const Snapshot& snapshot,
                   milliseconds limit) {
  const SteadyTime deadline = clock_.steady() + limit;
  std::vector<int> restarts;
  for (const Daemon* daemon : daemons) {
    restarts.push_back(status_of(daemon->name()).restarts);
  }
  milliseconds pause{5};
  for (;;) {
    std::vector<ProbeStatus> results;
    std::optional<Failure> failure;
    bool hopeless = false;
    for (std::size_t i = 0; i < daemons.size(); ++i) {
      std::vector<ProbeStatus> one;
      if (!probe(*daemons[i], snapshot, one) && !failure) {
        const std::string name(daemons[i]->name());
        const auto bad = std::ranges::find(one, false, &ProbeStatus::ok);
        const supervise::ProcessStatus process = status_of(name);
        failure = Failure{Stage::probe, name, fmt::format("{}: {}", bad->name, bad->message)};
        if (process.state != "ready" && !process.last_words.empty()) {
          failure->message += "\n" + process.last_words;
        }
        hopeless = process.restarts - restarts[i] >= 2 ||
                   (process.restarts > restarts[i] && process.state == "backoff");
      }
      std::ranges::move(one, std::back_inserter(results));
    }
    if (!failure || daemons.size() == options_.daemons) {
      board_.set_probes(std::move(results));
    }
    if (!failure) {
      return {};
    }
    if (hopeless || processes_.stopping() || clock_.steady() >= deadline) {
      return std::unexpected(std::move(*failure));
    }
    clock_.sleep(pause);
    pause = std::min(pause * 2, milliseconds{100});
  }
}

supervise::ProcessStatus Prover::status_of(std::string_view daemon) const {
  for (supervise::ProcessStatus& status : processes_.statuses()) {
    if (status.name == daemon) {
      return status;
    }
  }
  return {};
}

}  // namespace podplay::agent
