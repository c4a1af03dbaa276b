// Runs commands as children of this process. Input is written and both outputs are read at the same
// time, so that neither side can block the other; then exactly this child is waited for.
#include "base/runner.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/child.hpp"

namespace podplay {
namespace {

using namespace std::chrono;
// Bytes of each stream that are certainly kept.
constexpr std::size_t kMostOutput = 1U << 20;
// Octets of the output that the log shows; more would hide the lines around it.
constexpr std::size_t kMostLogged = 4096;

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
      read = ends[0];
      write = ends[1];
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(read);
    close(write);
  }
  static void close(int& fd) {
    if (fd >= 0) {
      ::close(fd);
    }
    fd = -1;
  }
};

// The end says why a command failed.
std::string shown(std::string words) {
  if (words.size() <= kMostLogged) {
    return words;
  }
  const std::size_t cut = words.size() - kMostLogged;
  return fmt::format("({} octets before) {}", cut, words.substr(cut));
}

void keep_end(std::string& text, const char* data, std::size_t size) {
  text.append(data, size);
  if (text.size() > 2 * kMostOutput) {
    text.erase(0, text.size() - kMostOutput);
  }
}

// Reads once; closes `fd` at the end of the stream.
void drain(int& fd, std::string& into) {
  char buffer[16384];
  const ssize_t got = ::read(fd, buffer, sizeof buffer);
  if (got > 0) {
    keep_end(into, buffer, static_cast<std::size_t>(got));
  }
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
    Pipe::close(fd);
  }
}

void feed(int& fd, std::string_view& input) {
  const ssize_t written = ::write(fd, input.data(), input.size());
  if (written > 0) {
    input.remove_prefix(static_cast<std::size_t>(written));
  }
  if (input.empty() || (written < 0 && errno != EINTR && errno != EAGAIN)) {
    Pipe::close(fd);
  }
}

// Writes the input and reads both outputs until these are closed. False when the deadline passed
// before.
bool exchange(const Command& command, Pipe& in, Pipe& out, Pipe& err, Outcome& outcome,
              steady_clock::time_point deadline) {
  std::string_view input = command.input;
  if (input.empty()) {
    Pipe::close(in.write);
  } else {
    ::fcntl(in.write, F_SETFL, O_NONBLOCK);
  }
  while (out.read >= 0 || err.read >= 0) {
    const auto left = duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) {
      return false;
    }
    std::array<pollfd, 3> waits{
        {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {in.write, POLLOUT, 0}}};
    if (::poll(waits.data(), waits.size(), static_cast<int>(left)) < 0 && errno != EINTR) {
      return false;
    }
    if (waits[0].revents != 0) {
      drain(out.read, outcome.out);
    }
    if (waits[1].revents != 0) {
      drain(err.read, outcome.err);
    }
    if (waits[2].revents != 0) {
      feed(in.write, input);
    }
  }
  return true;
}

// Waits for one child by polling, since waitpid(2) has no deadline.
class OwnReaper final : public Reaper {
 public:
  Result<pid_t> start(const std::function<Result<pid_t>()>& spawn) override { return spawn(); }

  std::optional<int> wait(pid_t pid, steady_clock::time_point deadline) override {
    int status = 0;
    microseconds pause{200};
    for (;;) {
      const pid_t ended = ::waitpid(pid, &status, WNOHANG);
      if (ended == pid || (ended < 0 && errno == ECHILD)) {
        return status;
      }
      if (steady_clock::now() >= deadline) {
        return std::nullopt;
      }
      ::usleep(static_cast<useconds_t>(pause.count()));
      pause = std::min(pause * 2, microseconds{20000});
    }
  }
};

// The exit code as a shell says it. At the deadline the child gets SIGTERM, and SIGKILL 2 s later;
// `in_time` is false then.
int wait_for(Reaper& reaper, pid_t pid, steady_clock::time_point deadline, bool& in_time) {
  std::optional<int> status;
  if (in_time) {
    status = reaper.wait(pid, deadline);
  }
  for (const int signal : {SIGTERM, SIGKILL}) {
    if (status) {
      break;
    }
    in_time = false;
    ::kill(pid, signal);
    status = reaper.wait(pid, steady_clock::now() + 2s);
  }
  if (!status) {
    return 128 + SIGKILL;
  }
  return WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
}

}  // namespace

std::string Outcome::words() const {
  std::string text = out + (out.empty() || out.ends_with('\n') ? "" : "\n") + err;
  const std::size_t last = text.find_last_not_of(" \n\r\t");
  text.resize(last == text.npos ? 0 : last + 1);
  return text.substr(std::min(text.find_first_not_of(" \n\r\t"), text.size()));
}

std::shared_ptr<Reaper> make_own_reaper() { return std::make_shared<OwnReaper>(); }

ProcessRunner::ProcessRunner(Logger log, bool log_commands, std::shared_ptr<Reaper> reaper)
    : reaper_(reaper ? std::move(reaper) : make_own_reaper()),
      log_(std::move(log)),
      log_commands_(log_commands) {}

Result<Outcome> ProcessRunner::run(const Command& command) {
  const auto began = steady_clock::now();
  Pipe in;
  Pipe out;
  Pipe err;
  if (in.read < 0 || out.read < 0 || err.read < 0) {
    return fail(
        ErrorKind::io, "pipe",
        fmt::format("cannot make a pipe for {}: {}", command.argv.front(), std::strerror(errno)));
  }
  const ChildSpec child{.argv = command.argv,
                        .environment = command.environment,
                        .input = in.read,
                        .output = out.write,
                        .error = err.write};
  TRY(const pid_t pid, reaper_->start([&child] { return start_child(child); }));
  Pipe::close(in.read);
  Pipe::close(out.write);
  Pipe::close(err.write);

  Outcome outcome;
  bool in_time = exchange(command, in, out, err, outcome, began + command.deadline);
  outcome.exit_code = wait_for(*reaper_, pid, began + command.deadline, in_time);
  outcome.duration = duration_cast<milliseconds>(steady_clock::now() - began);
  log_.log(log_commands_ ? Level::info : Level::debug, "ran a command",
           {{"argv", fmt::format("{}", fmt::join(command.argv, " "))},
            {"exit", outcome.exit_code},
            {"ms", outcome.duration.count()},
            {"output", shown(outcome.words())}});
  if (!in_time) {
    return fail(ErrorKind::timeout, "command_timeout",
                fmt::format("{} did not end within {} ms: {}", command.argv.front(),
                            command.deadline.count(), outcome.words()));
  }
  return outcome;
}

Result<Outcome> run_or_fail(Runner& runner, const Command& command) {
  auto outcome = runner.run(command);
  if (!outcome || outcome->exit_code == 0) {
    return outcome;
  }
  return fail(ErrorKind::io, "command_failed",
              fmt::format("{} ended with {}: {}", fmt::join(command.argv, " "), outcome->exit_code,
                          outcome->words()));
}

}  // namespace podplay
