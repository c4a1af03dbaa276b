// One stream socket is the child's standard input, output and error: a write to a child that ended
// is an error here and no SIGPIPE, and its words keep their order. When this process ends in any
// way, the child reads the end of its input.
#include "base/coprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;

namespace podplay {
namespace {

using namespace std::chrono;

constexpr seconds kEndGrace{2};

Result<pid_t> spawn(std::vector<std::string>& argv, int socket) {
  std::vector<char*> pointers;
  for (std::string& word : argv) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_adddup2(&actions, socket, fd);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error =
      ::posix_spawnp(&pid, argv.front().c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return fail(error == ENOENT ? ErrorKind::not_found : ErrorKind::io, "command_start",
                fmt::format("cannot start {}: {}", argv.front(), std::strerror(error)));
  }
  return pid;
}

}  // namespace

Result<std::unique_ptr<Coprocess>> Coprocess::start(std::vector<std::string> argv,
                                                    std::shared_ptr<Reaper> reaper) {
  if (!reaper) {
    reaper = make_own_reaper();
  }
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorKind::io, "socket",
                fmt::format("cannot make a socket to {}: {}", argv.front(), std::strerror(errno)));
  }
  const auto pid = reaper->start([&] { return spawn(argv, ends[1]); });
  ::close(ends[1]);
  if (!pid) {
    ::close(ends[0]);
    return std::unexpected(pid.error());
  }
  return std::unique_ptr<Coprocess>(
      new Coprocess(std::move(argv.front()), ends[0], *pid, std::move(reaper)));
}

Coprocess::Coprocess(std::string name, int socket, pid_t pid, std::shared_ptr<Reaper> reaper)
    : name_(std::move(name)), socket_(socket), pid_(pid), reaper_(std::move(reaper)) {}

Coprocess::~Coprocess() {
  ::close(socket_);
  for (const int signal : {SIGTERM, SIGKILL}) {
    ::kill(pid_, signal);
    if (reaper_->wait(pid_, steady_clock::now() + kEndGrace)) {
      return;
    }
  }
}

bool Coprocess::read_some(std::string& text) {
  char buffer[16384];
  const ssize_t got = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

Result<std::string> Coprocess::ask(std::string_view input, std::string_view last,
                                   milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  const auto ended = [this](const std::string& words) {
    return fail(ErrorKind::unavailable, "coprocess_ended",
                fmt::format("{} has ended: {}", name_, words));
  };
  // What the call before left unread.
  std::string before;
  for (pollfd wait{socket_, POLLIN, 0}; ::poll(&wait, 1, 0) == 1;) {
    if (!read_some(before)) {
      return ended(before);
    }
  }

  std::string text;
  for (;;) {
    const std::size_t found = text.find(last);
    if (found != text.npos && text.find('\n', found) != text.npos) {
      return text;
    }
    const auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) {
      return fail(ErrorKind::timeout, "coprocess_timeout",
                  fmt::format("{} did not answer within {} ms: {}", name_, timeout.count(), text));
    }
    const short events = static_cast<short>(POLLIN | (input.empty() ? 0 : POLLOUT));
    pollfd wait{socket_, events, 0};
    if (::poll(&wait, 1, static_cast<int>(left)) <= 0) {
      continue;
    }
    if ((wait.revents & (POLLIN | POLLHUP)) != 0 && !read_some(text)) {
      return ended(text);
    }
    if ((wait.revents & POLLOUT) != 0) {
      const ssize_t sent = ::send(socket_, input.data(), input.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      // A child that ended closes the stream: its words are read first.
      input.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
  }
}

}  // namespace podplay
