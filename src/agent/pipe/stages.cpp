// Before install, nothing that runs is touched. After install, a failure brings back the release
// before. `current` names a whole release at every moment.
#include "agent/pipe/stages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/logging/logged_files.hpp"
#include "agent/pipe/volumes.hpp"

namespace podplay::agent {

using namespace std::chrono;
using daemons::Daemon;

namespace {

// The pauses between attempts to have work done that waited for another daemon.
constexpr milliseconds kFirstTry = seconds{30};
constexpr milliseconds kLastTry = minutes{30};

constexpr MetricFamily kStageFailures{.name = "podplay_agent_stage_failures_total",
                                      .help =
                                          "Snapshots that were refused, by the stage that "
                                          "refused them"};

ApplyReport applied(Revision revision) {
  return {.revision = revision,
          .state = ApplyState::applied,
          .stage = Stage::report,
          .running = revision};
}

// The host's own certificate; none for a service without TLS.
CertificateRef certificate_in(const Snapshot& snapshot) {
  return std::visit(
      [](const auto& body) {
        if constexpr (requires { body.certificate; }) {
          return body.certificate;
        } else {
          return CertificateRef{};
        }
      },
      snapshot.body);
}

}  // namespace

// Logs and counts one stage, and shows it on the board while it lasts.
class Stages::Timed {
 public:
  Timed(Stages& stages, Stage stage, Revision revision)
      : stages_(stages), stage_(stage), revision_(revision), began_(stages.parts_.clock.steady()) {
    stages.parts_.board.set_stage(std::string(to_text(stage)),
                                  fmt::format("revision {}", revision));
  }
  ~Timed() {
    const auto took = duration_cast<microseconds>(stages_.parts_.clock.steady() - began_);
    stages_.parts_.board.count_stage(stage_, took);
    stages_.log_.info("stage done",
                      {{"stage", to_text(stage_)},
                       {"revision", revision_},
                       {"request", stages_.parts_.request->id()},
                       {"ms", fmt::format("{:.1f}", static_cast<double>(took.count()) / 1000)}});
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Stages& stages_;
  Stage stage_;
  Revision revision_;
  SteadyTime began_;
};

Stages::Stages(Parts parts, PipeOptions options, Logger log)
    : parts_(parts),
      options_(std::move(options)),
      log_(std::move(log)),
      prover_(parts.processes, parts.clock, parts.board,
              {.probe_timeout = options_.probe_timeout,
               .daemons = parts.service.daemons.size(),
               .seen = [this](const Daemon& daemon, bool well) { note_seen(daemon, well); }}) {}

std::vector<Daemon*> Stages::all() const {
  std::vector<Daemon*> result;
  for (const auto& daemon : parts_.service.daemons) {
    result.push_back(daemon.get());
  }
  return result;
}

// Every caller of the prover holds mutex_.
void Stages::note_seen(const Daemon& daemon, bool well) {
  const std::string name(daemon.name());
  if (!well) {
    well_.erase(name);
    return;
  }
  const int pid = prover_.status_of(name).pid;
  const bool is_new = std::exchange(well_[name], pid) != pid;
  if (is_new && well_.size() == parts_.service.daemons.size()) {
    try_pause_ = kFirstTry;
    try_waiting();
  }
}

// What fails for another reason is tried less and less often.
void Stages::try_waiting() {
  if (!parts_.domains) {
    return;
  }
  const auto waited = ask_to_try();
  if (!waited) {
    log_.warn("mail that waited for a daemon is only tried when its time comes",
              {{"why", describe(waited.error())}});
  }
  try_pause_ = waited.value_or(false) ? std::min(try_pause_ * 2, kLastTry) : kFirstTry;
  next_try_ = parts_.clock.steady() + try_pause_;
}

Result<bool> Stages::ask_to_try() {
  bool waited = false;
  for (Daemon* daemon : all()) {
    TRY(const bool one, daemon->try_waiting(parts_.runner, parts_.domains));
    waited = waited || one;
  }
  return waited;
}

std::optional<Snapshot> Stages::served() const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !started_ || !parts_.releases.current()) {
    return std::nullopt;
  }
  return parts_.releases.current()->snapshot;
}

Status Stages::prepare() {
  for (Daemon* daemon : all()) {
    TRY(daemon->prepare(parts_.runner));
  }
  return {};
}

bool Stages::start_current() {
  const std::scoped_lock lock(mutex_);
  if (!parts_.releases.current()) {
    return false;
  }
  const Snapshot snapshot = parts_.releases.current()->snapshot;
  log_.info("starting from the release on disk",
            {{"release", parts_.releases.current()->number}, {"revision", snapshot.revision}});
  parts_.board.set_revision(snapshot.revision);
  use_levels(snapshot);
  started_ = true;
  bool proven = true;
  for (Daemon* daemon : all()) {
    const std::string name(daemon->name());
    parts_.board.set_stage("start", fmt::format("waiting for {} to get ready", name));
    if (Status started = parts_.processes.start(name); !started) {
      log_.error("cannot start daemon", {{"error", started.error().message}});
    }
    if (const Step ready = prover_.prove({daemon}, snapshot, options_.start_deadline);
        !ready && !parts_.processes.stopping()) {
      proven = false;
      log_.error("daemon does not get ready", {{"daemon", name}, {"words", ready.error().message}});
    }
  }
  parts_.board.set_stage("", "");
  if (proven) {
    parts_.board.set_proven();
  }
  return true;
}

std::optional<ApplyReport> Stages::apply(const Snapshot& snapshot, const std::string& hash) {
  const std::scoped_lock lock(mutex_);
  const Revision revision = snapshot.revision;
  std::vector<ReleaseFile> files;
  {
    const Timed timed(*this, Stage::render, revision);
    auto rendered = parts_.candidates.render(snapshot);
    if (!rendered) {
      return refused(snapshot, rendered.error());
    }
    files = std::move(*rendered);
  }
  const auto changed = parts_.releases.changes(files);
  if (!changed) {
    return refused(snapshot, {.stage = Stage::render, .message = describe(changed.error())});
  }
  if (changed->empty() && started_ && parts_.releases.current()->good) {
    ++parts_.board.figures.unchanged;
    log_.info("nothing changes", {{"revision", revision},
                                  {"request", parts_.request->id()},
                                  {"release", parts_.releases.current()->number}});
    use_levels(snapshot);
    parts_.board.set_revision(revision);
    parts_.board.set_stage("", "");
    return applied(revision);
  }
  const auto release = write_checked(files, snapshot, hash);
  if (!release) {
    return refused(snapshot, release.error());
  }
  return install_and_prove(*release, *changed);
}

std::expected<Release, Failure> Stages::write_checked(const std::vector<ReleaseFile>& files,
                                                      const Snapshot& snapshot,
                                                      const std::string& hash) {
  const Timed timed(*this, Stage::check, snapshot.revision);
  if (options_.log_configs) {
    log_.info("configuration changes",
              {{"revision", snapshot.revision},
               {"request", parts_.request->id()},
               {"diff", shown_diff(parts_.releases.diff(files).value_or(""))}});
  }
  auto release = parts_.releases.write(files, snapshot, hash);
  if (!release) {
    return std::unexpected(Failure{.stage = Stage::install, .message = describe(release.error())});
  }
  if (const Step fine = parts_.candidates.check(release->folder); !fine) {
    discard(*release);
    return std::unexpected(fine.error());
  }
  return std::move(*release);
}

void Stages::discard(const Release& release) {
  if (const Status gone = parts_.releases.discard(release); !gone) {
    log_.warn("cannot remove a refused release", {{"error", gone.error().message}});
  }
}

void Stages::use_levels(const Snapshot& snapshot) const {
  if (parts_.use_levels) {
    parts_.use_levels(snapshot);
  }
}

// Of a release that is not in use yet.
milliseconds Stages::time_to_prove(const Snapshot& snapshot) const {
  const auto& before = parts_.releases.current();
  if (!before || certificate_in(before->snapshot) == certificate_in(snapshot)) {
    return options_.reload_deadline;
  }
  return std::min(options_.reload_deadline, options_.answer_deadline);
}

std::optional<ApplyReport> Stages::install_and_prove(const Release& release,
                                                     const Changes& changed) {
  const Revision revision = release.snapshot.revision;
  const milliseconds limit = time_to_prove(release.snapshot);
  {
    const Timed timed(*this, Stage::install, revision);
    if (Status installed = parts_.releases.install(release); !installed) {
      discard(release);
      return refused(release.snapshot,
                     {.stage = Stage::install, .message = describe(installed.error())});
    }
    log_.info("release installed", {{"release", release.number},
                                    {"revision", revision},
                                    {"request", parts_.request->id()},
                                    {"files", changed.size()}});
  }
  use_levels(release.snapshot);
  Step proven = activate(changed, release.snapshot);
  if (proven && started_) {
    const Timed timed(*this, Stage::probe, revision);
    proven = prover_.prove(all(), release.snapshot, limit);
  }
  if (parts_.processes.stopping()) {
    return std::nullopt;
  }
  if (!proven) {
    take_back(proven.error(), changed);
    return refused(release.snapshot, proven.error());
  }
  if (Status marked = parts_.releases.mark_good(); !marked) {
    log_.error("cannot mark a release as good", {{"error", marked.error().message}});
  }
  ++parts_.board.figures.installed;
  parts_.board.set_revision(revision);
  parts_.board.set_stage("", "");
  parts_.board.set_proven();
  return applied(revision);
}

// The first time, starts everything in order. Later, reloads each daemon, or restarts one that
// cannot take the change otherwise.
Step Stages::activate(const Changes& changed, const Snapshot& snapshot) {
  const Timed timed(*this, Stage::reload, snapshot.revision);
  if (!started_) {
    return start_all(snapshot);
  }
  for (Daemon* daemon : all()) {
    const std::string name(daemon->name());
    // A daemon that waits for its next start is started at once.
    const bool restarts = daemon->needs_restart(changed) || prover_.status_of(name).pid == 0;
    const Status done =
        restarts ? parts_.processes.restart(name) : daemon->reload(parts_.runner, changed);
    if (!done) {
      return std::unexpected(Failure{Stage::reload, name, describe(done.error())});
    }
    if (!restarts) {
      continue;
    }
    if (Step ready = prover_.prove({daemon}, snapshot, options_.start_deadline); !ready) {
      return ready;
    }
  }
  return {};
}

// A late daemon does not keep the others from starting. look() notices when all of them are well.
Step Stages::start_all(const Snapshot& snapshot) {
  started_ = true;
  Step result;
  for (Daemon* daemon : all()) {
    const std::string name(daemon->name());
    parts_.board.set_stage("start", fmt::format("waiting for {} to get ready", name));
    Step ready;
    if (Status started = parts_.processes.start(name); !started) {
      ready = std::unexpected(Failure{Stage::reload, name, started.error().message});
    } else {
      ready = prover_.prove({daemon}, snapshot, options_.start_deadline);
    }
    if (parts_.processes.stopping()) {
      return ready;
    }
    if (result && !ready) {
      result = std::move(ready);
    }
  }
  return result;
}

void Stages::take_back(const Failure& failure, const Changes& changed) {
  const auto bad = parts_.releases.current()->number;
  const auto back = parts_.releases.roll_back();
  if (!back) {
    return log_.error("cannot go back to the release before", {{"error", back.error().message}});
  }
  if (!*back) {
    return log_.error("there is no good release to go back to",
                      {{"release", bad}, {"daemon", failure.daemon}});
  }
  ++parts_.board.figures.rolled_back;
  const Release& good = *parts_.releases.current();
  log_.warn("went back to the release before", {{"from", bad},
                                                {"to", good.number},
                                                {"daemon", failure.daemon},
                                                {"request", parts_.request->id()},
                                                {"words", failure.message}});
  parts_.board.note_repair({.at = to_millis(parts_.clock.now()),
                            .kind = "rolled_back",
                            .subject = fmt::format("release {}", bad),
                            .cause = fmt::format("{}: {}", failure.daemon, failure.message)});
  use_levels(good.snapshot);
  parts_.board.set_revision(good.snapshot.revision);
  const Snapshot served = good.snapshot;
  Step proven = activate(changed, served);
  if (proven) {
    proven = prover_.prove(all(), served, options_.reload_deadline);
  }
  if (!proven) {
    log_.error("the release before does not pass its probes either",
               {{"daemon", proven.error().daemon}, {"words", proven.error().message}});
  }
}

ApplyReport Stages::refused(const Snapshot& snapshot, const Failure& failure) {
  ++parts_.board.figures.refused;
  parts_.board.metrics.add(kStageFailures, {{"stage", std::string(to_text(failure.stage))}});
  const Revision running =
      parts_.releases.current() ? parts_.releases.current()->snapshot.revision : 0;
  log_.error("revision refused", {{"revision", snapshot.revision},
                                  {"stage", to_text(failure.stage)},
                                  {"daemon", failure.daemon},
                                  {"running", running},
                                  {"request", parts_.request->id()},
                                  {"words", failure.message}});
  if (parts_.board.proven()) {
    parts_.board.set_stage("", "");
  } else {
    parts_.board.set_stage(std::string(to_text(failure.stage)),
                           fmt::format("{}: {}", failure.daemon, failure.message));
  }
  return {.revision = snapshot.revision,
          .state = ApplyState::refused,
          .stage = failure.stage,
          .daemon = failure.daemon,
          .message = failure.message,
          .running = running};
}

bool Stages::look() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !started_ || !parts_.releases.current() || parts_.processes.stopping()) {
    parts_.board.touch();
    return false;
  }
  std::vector<ProbeStatus> results = probe_volumes(options_.volumes);
  bool well = true;
  const Snapshot snapshot = parts_.releases.current()->snapshot;
  for (Daemon* daemon : all()) {
    well = prover_.probe(*daemon, snapshot, results) && well;
    std::ranges::move(daemon->inspect(), std::back_inserter(results));
  }
  parts_.board.set_probes(std::move(results));
  if (!well) {
    return false;
  }
  // A daemon may have failed between two looks, so that nobody saw it.
  if (parts_.clock.steady() >= next_try_) {
    try_waiting();
  }
  // This is a first release that got well only after its deadline, or one that could not be marked.
  if (!parts_.releases.current()->good) {
    if (Status marked = parts_.releases.mark_good(); !marked) {
      log_.error("cannot mark a release as good", {{"error", marked.error().message}});
    }
  }
  if (parts_.board.proven()) {
    return false;
  }
  log_.info("every probe passed", {{"revision", parts_.releases.current()->snapshot.revision}});
  parts_.board.set_revision(parts_.releases.current()->snapshot.revision);
  parts_.board.set_stage("", "");
  parts_.board.set_proven();
  return true;
}

std::optional<std::vector<ProbeStatus>> Stages::probe_now() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !started_ || !parts_.releases.current() || parts_.processes.stopping()) {
    return std::nullopt;
  }
  std::vector<ProbeStatus> results;
  const Snapshot snapshot = parts_.releases.current()->snapshot;
  for (Daemon* daemon : all()) {
    prover_.probe(*daemon, snapshot, results);
  }
  return results;
}

Status Stages::restart(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (!parts_.releases.current()) {
    return fail(ErrorKind::unavailable, "not_started",
                "no daemon was started yet: the first snapshot has not arrived",
                "wait until the service is ready");
  }
  bool found = false;
  for (Daemon* daemon : all()) {
    if (!name.empty() && daemon->name() != name) {
      continue;
    }
    found = true;
    const int before = prover_.status_of(daemon->name()).pid;
    TRY(parts_.processes.restart(std::string(daemon->name())));
    const SteadyTime deadline = parts_.clock.steady() + options_.start_deadline;
    while (before != 0 && prover_.status_of(daemon->name()).pid == before &&
           parts_.clock.steady() < deadline) {
      parts_.clock.sleep(milliseconds{5});
    }
    if (const Step ready =
            prover_.prove({daemon}, parts_.releases.current()->snapshot, options_.start_deadline);
        !ready) {
      return fail(ErrorKind::refused, "not_ready",
                  fmt::format("{} was restarted but does not get ready: {}", daemon->name(),
                              ready.error().message));
    }
  }
  if (!found) {
    return fail(ErrorKind::not_found, "daemon_unknown",
                fmt::format("there is no daemon '{}' in this service", name));
  }
  return {};
}

Result<std::vector<Stages::Proof>> Stages::probe_directory(const std::vector<FeedRow>& rows) {
  std::vector<Proof> proofs(rows.size());
  for (Daemon* daemon : all()) {
    const auto probe = daemon->probe_directory(rows);
    if (!probe) {
      continue;
    }
    if (!probe->status.ok) {
      return fail(ErrorKind::refused, std::string(daemon->name()),
                  fmt::format("{}: {}", probe->status.name, probe->status.message));
    }
    for (std::size_t i = 0; i < probe->answers.size(); ++i) {
      if (!probe->answers[i].empty()) {
        proofs[i][probe->status.name] = probe->answers[i];
      }
    }
  }
  return proofs;
}

Status Stages::end_sessions(const daemons::LostLogin& lost) {
  for (Daemon* daemon : all()) {
    // A daemon that does not run has no sessions.
    if (prover_.status_of(daemon->name()).pid != 0) {
      TRY(daemon->end_sessions(parts_.runner, lost));
    }
  }
  return {};
}

void Stages::warm_up() {
  for (Daemon* daemon : all()) {
    daemon->warm_up();
  }
}

}  // namespace podplay::agent
