// The event loop: one poll(2) over a signalfd, an eventfd and one pipe per daemon. One mutex guards
// all state and is never held while waiting. Only the loop touches the pipe and the lines of a
// daemon.
#include "supervise/supervisor.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/memory_limit.hpp"
#include "supervise/spawn.hpp"

namespace podplay::supervise {

using namespace std::chrono;

namespace {

// Processes that a dead daemon left behind get SIGTERM, and after this time SIGKILL.
constexpr milliseconds kLeftoverTerm{1000};
// After this time the daemon starts, whatever is left.
constexpr milliseconds kLeftoverMost{3000};
// The loop turns at least this often, see last_turn().
constexpr milliseconds kIdleTurn{5000};
// Lines that daemons write within this time are read together and written together.
constexpr milliseconds kGather{10};

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("signal {}", ::strsignal(WTERMSIG(status)));
  }
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace

// A daemon, its process and what is planned for it.
struct Supervisor::Managed {
  ProcessSpec spec;
  std::unique_ptr<LineLog> lines;
  Backoff backoff{};
  State state = State::stopped;
  // 0 when no process runs.
  pid_t pid = 0;
  // The read end of the pipe with its output, -1 after its end.
  int output = -1;
  // True after the first start() or restart().
  bool wanted = false;
  // True from restart() until the process has ended.
  bool restart_asked = false;
  int starts = 0;
  SteadyTime started{};
  SteadyTime died{};
  // When it is started next, in State::backoff.
  SteadyTime due{};
  // When it is killed, in State::stopping.
  SteadyTime kill_at{};
  // When the state changed last, in milliseconds since 1970.
  std::int64_t since = 0;
  std::string last_words{};
  // How it ended by itself last (ProcessStatus).
  std::string last_exit{};
  int last_signal = 0;
  bool last_oom = false;
  std::int64_t last_exit_at = 0;
  std::int64_t last_lived = 0;
  // How many lines had been read when last_words was taken.
  std::uint64_t heard = 0;
};

Supervisor::Supervisor(SupervisorOptions options, Logger log,
                       std::function<std::unique_ptr<LineLog>(const ProcessSpec&)> make_log)
    : options_(options), log_(std::move(log)), make_log_(std::move(make_log)) {
  sigset_t ours;
  sigemptyset(&ours);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD}) {
    sigaddset(&ours, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &ours, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  signals_ = ::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // Process 1 gets orphans anyway. This has the same effect where the agent is not process 1.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

Supervisor::~Supervisor() {
  for (const auto& daemon : daemons_) {
    if (daemon->output >= 0) {
      ::close(daemon->output);
    }
  }
  ::close(signals_);
  ::close(wake_);
}

void Supervisor::add(ProcessSpec spec) {
  auto daemon = std::make_unique<Managed>();
  daemon->lines = make_log_(spec);
  daemon->spec = std::move(spec);
  daemon->since = to_millis(clock_.now());
  const std::scoped_lock lock(mutex_);
  daemons_.push_back(std::move(daemon));
}

void Supervisor::run() {
  for (;;) {
    std::vector<pollfd> waits{{signals_, POLLIN, 0}, {wake_, POLLIN, 0}};
    int timeout = 0;
    const SteadyTime now = clock_.steady();
    const bool gathering = now < listen_from_;
    {
      const std::scoped_lock lock(mutex_);
      last_turn_ = to_millis(clock_.now());
      turn();
      if (stop_by_ && std::ranges::all_of(daemons_, [](const auto& d) { return d->pid == 0; })) {
        break;
      }
      for (const auto& daemon : daemons_) {
        if (daemon->output >= 0 && !gathering) {
          waits.push_back({daemon->output, POLLIN, 0});
        }
      }
      timeout = wait_time(now);
    }
    if (::poll(waits.data(), waits.size(), timeout) < 0 && errno != EINTR) {
      break;
    }
    std::uint64_t ignored = 0;
    if (waits[1].revents != 0) {
      static_cast<void>(::read(wake_, &ignored, sizeof ignored) < 0);
    }
    // Before reaping, so that the last words of a process are known when it is found dead.
    if (!gathering) {
      read_outputs();
    }
    const std::scoped_lock lock(mutex_);
    // A daemon that does not get ready says why in its lines.
    for (const auto& daemon : daemons_) {
      if (daemon->state == State::starting && daemon->lines->lines() != daemon->heard) {
        daemon->heard = daemon->lines->lines();
        daemon->last_words = daemon->lines->last_words();
      }
    }
    if (waits[0].revents != 0) {
      read_signals();
    }
    // Not only after SIGCHLD, since several ended children may come as one signal.
    reap();
  }
  log_.info("every daemon has ended");
}

void Supervisor::turn() {
  const SteadyTime now = clock_.steady();
  if (stop_by_) {
    return turn_stopping(now);
  }
  for (const auto& daemon : daemons_) {
    if (daemon->pid == 0 && daemon->wanted && now >= daemon->due && clear_leftovers(*daemon, now)) {
      launch(*daemon, now);
    }
    if (daemon->pid != 0 && daemon->restart_asked && daemon->state != State::stopping) {
      begin_stop(*daemon, now, now + daemon->spec.stop_grace);
    }
    if (daemon->state == State::stopping && now >= daemon->kill_at) {
      log_.warn("daemon did not stop in time, killing it",
                {{"daemon", daemon->spec.name}, {"pid", daemon->pid}});
      ::kill(-daemon->pid, SIGKILL);
      ::kill(daemon->pid, SIGKILL);
      daemon->kill_at = now + 1s;
    }
  }
}

// Stops the last started daemon first, and the one before only after its end.
void Supervisor::turn_stopping(SteadyTime now) {
  for (auto daemon = daemons_.rbegin(); daemon != daemons_.rend(); ++daemon) {
    Managed& last = **daemon;
    if (last.pid == 0) {
      if (last.state != State::stopped) {
        set_state(last, State::stopped);
      }
      continue;
    }
    if (last.state != State::stopping) {
      begin_stop(last, now, std::min(now + last.spec.stop_grace, *stop_by_));
    }
    if (now >= last.kill_at) {
      log_.warn("daemon did not stop in time, killing it",
                {{"daemon", last.spec.name}, {"pid", last.pid}});
      ::kill(-last.pid, SIGKILL);
      ::kill(last.pid, SIGKILL);
      last.kill_at = now + 1s;
    }
    return;
  }
}

void Supervisor::launch(Managed& daemon, SteadyTime now) {
  // This is the pipe of the earlier process.
  if (daemon.output >= 0) {
    ::close(daemon.output);
  }
  daemon.output = -1;
  daemon.restart_asked = false;
  daemon.started = now;
  ++daemon.starts;
  auto spawned = spawn(daemon.spec);
  if (!spawned) {
    const milliseconds pause = daemon.backoff.after(0ms);
    daemon.due = now + pause;
    daemon.last_words = spawned.error().message;
    daemon.last_exit = "it cannot be started";
    daemon.last_signal = 0;
    daemon.last_exit_at = to_millis(clock_.now());
    daemon.last_lived = 0;
    log_.error("daemon does not start", {{"daemon", daemon.spec.name},
                                         {"error", spawned.error().message},
                                         {"again_in_ms", pause.count()}});
    return set_state(daemon, State::backoff);
  }
  daemon.pid = spawned->pid;
  daemon.output = spawned->output;
  log_.info("daemon started", {{"daemon", daemon.spec.name}, {"pid", daemon.pid}});
  set_state(daemon, State::starting);
}

void Supervisor::begin_stop(Managed& daemon, SteadyTime now, SteadyTime latest) {
  log_.info("stopping daemon", {{"daemon", daemon.spec.name}, {"pid", daemon.pid}});
  daemon.kill_at = std::max(now, latest);
  ::kill(daemon.pid, daemon.spec.stop_signal);
  set_state(daemon, State::stopping);
}

void Supervisor::ended(Managed& daemon, int status, SteadyTime now) {
  read_output(daemon);
  daemon.lines->end();
  daemon.last_words = daemon.lines->last_words();
  const auto lived = duration_cast<milliseconds>(now - daemon.started);
  const pid_t pid = std::exchange(daemon.pid, 0);
  daemon.died = now;
  // Whatever is left of its process group.
  ::kill(-pid, SIGTERM);
  if (stop_by_ || !daemon.wanted) {
    log_.info("daemon ended",
              {{"daemon", daemon.spec.name}, {"pid", pid}, {"how", how_it_ended(status)}});
    return set_state(daemon, State::stopped);
  }
  const bool asked = std::exchange(daemon.restart_asked, false);
  if (!asked) {
    daemon.last_exit = how_it_ended(status);
    daemon.last_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    daemon.last_oom = daemon.last_signal == SIGKILL && count_oom_kills();
    daemon.last_exit_at = to_millis(clock_.now());
    daemon.last_lived = lived.count();
  }
  const milliseconds pause = asked ? 0ms : daemon.backoff.after(lived);
  daemon.due = now + pause;
  log_.log(asked ? Level::info : Level::warn, "daemon ended",
           {{"daemon", daemon.spec.name},
            {"pid", pid},
            {"how", how_it_ended(status)},
            {"lived_ms", lived.count()},
            {"again_in_ms", pause.count()}});
  set_state(daemon, State::backoff);
}

// True when there are more than at the last call.
bool Supervisor::count_oom_kills() {
  const auto memory = read_memory_limit();
  const std::uint64_t kills = memory ? memory->oom_kills : 0;
  return kills > std::exchange(oom_kills_, kills);
}

// A daemon that was killed leaves children that hold its ports and locks, and they are now children
// of this process. Ends them. True when none is left.
bool Supervisor::clear_leftovers(Managed& daemon, SteadyTime now) {
  if (daemon.starts == 0 || now > daemon.died + kLeftoverMost) {
    return true;
  }
  std::set<pid_t> known = reaper_->running();
  for (const auto& other : daemons_) {
    known.insert(other->pid);
  }
  const std::vector<pid_t> orphans = find_orphans(known);
  if (orphans.empty()) {
    return true;
  }
  const int signal = now > daemon.died + kLeftoverTerm ? SIGKILL : SIGTERM;
  for (const pid_t orphan : orphans) {
    ::kill(orphan, signal);
  }
  log_.debug("ended processes that a daemon left behind",
             {{"daemon", daemon.spec.name}, {"processes", orphans.size()}});
  daemon.due = now + 20ms;
  return false;
}

void Supervisor::reap() {
  const SteadyTime now = clock_.steady();
  for (const auto& [pid, status] : reaper_->collect()) {
    for (const auto& daemon : daemons_) {
      if (daemon->pid == pid) {
        ended(*daemon, status, now);
        break;
      }
    }
  }
}

// A mail server writes thousands of lines in a second, one at a time. Read one by one, each would
// cost a turn of the loop and a write to every sink. So the first line is read at once, and the
// next ones after some have gathered in the pipe.
void Supervisor::read_outputs() {
  bool heard = false;
  for (const auto& daemon : daemons_) {
    heard = read_output(*daemon) || heard;
  }
  if (heard) {
    listen_from_ = clock_.steady() + kGather;
  }
}

// True when there was something to read.
bool Supervisor::read_output(Managed& daemon) {
  // After so many reads the other daemons get their turn.
  static constexpr int kMostReads = 16;
  std::array<char, 32768> buffer;  // NOLINT: filled by read
  bool heard = false;
  for (int i = 0; i < kMostReads && daemon.output >= 0; ++i) {
    const ssize_t got = ::read(daemon.output, buffer.data(), buffer.size());
    heard = heard || got > 0;
    if (got > 0) {
      daemon.lines->feed({buffer.data(), static_cast<std::size_t>(got)});
    }
    if (got == 0) {
      ::close(daemon.output);
      daemon.output = -1;
    }
    if (got < static_cast<ssize_t>(buffer.size())) {
      break;
    }
  }
  return heard;
}

void Supervisor::read_signals() {
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) {
      continue;
    }
    if (info.ssi_signo == SIGHUP) {
      for (const auto& daemon : daemons_) {
        if (daemon->pid != 0) {
          ::kill(daemon->pid, SIGHUP);
        }
      }
    } else if (!stop_by_) {
      log_.info("stopping", {{"signal", ::strsignal(static_cast<int>(info.ssi_signo))}});
      stop_by_ = clock_.steady() + options_.stop_budget;
      ++version_;
      changed_.notify_all();
    }
  }
}

void Supervisor::request_stop() {
  {
    const std::scoped_lock lock(mutex_);
    if (!stop_by_) {
      stop_by_ = clock_.steady() + options_.stop_budget;
    }
    ++version_;
  }
  changed_.notify_all();
  wake();
}

Status Supervisor::start(const std::string& name) {
  {
    const std::scoped_lock lock(mutex_);
    Managed* daemon = find(name);
    if (daemon == nullptr) {
      return fail(ErrorKind::not_found, "daemon_unknown",
                  fmt::format("there is no daemon '{}' in this service", name));
    }
    if (!daemon->wanted) {
      daemon->due = clock_.steady();
    }
    daemon->wanted = true;
  }
  wake();
  return {};
}

Status Supervisor::restart(const std::string& name) {
  {
    const std::scoped_lock lock(mutex_);
    Managed* daemon = find(name);
    if (daemon == nullptr) {
      return fail(ErrorKind::not_found, "daemon_unknown",
                  fmt::format("there is no daemon '{}' in this service", name));
    }
    daemon->wanted = true;
    daemon->restart_asked = daemon->pid != 0;
    daemon->due = clock_.steady();
  }
  wake();
  return {};
}

void Supervisor::mark_ready(const std::string& name, int pid) {
  const std::scoped_lock lock(mutex_);
  Managed* daemon = find(name);
  if (daemon == nullptr || daemon->pid != pid || daemon->state != State::starting) {
    return;
  }
  log_.info("daemon ready",
            {{"daemon", name},
             {"pid", pid},
             {"ms", duration_cast<milliseconds>(clock_.steady() - daemon->started).count()}});
  set_state(*daemon, State::ready);
}

std::vector<ProcessStatus> Supervisor::statuses() const {
  static constexpr std::array<const char*, 5> kNames{"stopped", "starting", "ready", "backoff",
                                                     "stopping"};
  const std::scoped_lock lock(mutex_);
  std::vector<ProcessStatus> result;
  for (const auto& daemon : daemons_) {
    result.push_back({.name = daemon->spec.name,
                      .state = kNames[static_cast<std::size_t>(daemon->state)],
                      .pid = daemon->pid,
                      .restarts = std::max(0, daemon->starts - 1),
                      .since = daemon->since,
                      .last_words = daemon->last_words,
                      .last_exit = daemon->last_exit,
                      .last_signal = daemon->last_signal,
                      .last_oom = daemon->last_oom,
                      .last_exit_at = daemon->last_exit_at,
                      .last_lived = daemon->last_lived});
  }
  return result;
}

bool Supervisor::stopping() const {
  const std::scoped_lock lock(mutex_);
  return stop_by_.has_value();
}

std::uint64_t Supervisor::wait_for_change(std::uint64_t seen, milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return version_ != seen; });
  return version_;
}

std::int64_t Supervisor::last_turn() const {
  const std::scoped_lock lock(mutex_);
  return last_turn_;
}

void Supervisor::set_state(Managed& daemon, State state) {
  daemon.state = state;
  daemon.since = to_millis(clock_.now());
  ++version_;
  changed_.notify_all();
}

void Supervisor::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_, &one, sizeof one) < 0);
}

Supervisor::Managed* Supervisor::find(const std::string& name) {
  const auto found =
      std::ranges::find_if(daemons_, [&](const auto& daemon) { return daemon->spec.name == name; });
  return found == daemons_.end() ? nullptr : found->get();
}

int Supervisor::wait_time(SteadyTime now) const {
  SteadyTime next = now + kIdleTurn;
  if (now < listen_from_) {
    next = listen_from_;
  }
  for (const auto& daemon : daemons_) {
    if (daemon->pid == 0 && daemon->wanted && !stop_by_) {
      next = std::min(next, daemon->due);
    }
    if (daemon->state == State::stopping) {
      next = std::min(next, daemon->kill_at);
    }
  }
  return std::max(0, static_cast<int>(ceil<milliseconds>(next - now).count()));
}

}  // namespace podplay::supervise
