// One stream socket is the child's standard input, output and error. So a write to a child that has
// ended is an error and no SIGPIPE, and its words keep their order. When this process ends in any
// way, the child reads the end of its input.
#include "base/coprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/child.hpp"

namespace podplay {
namespace {

using namespace std::chrono;

constexpr seconds kEndGrace{2};

}  // namespace

Result<std::unique_ptr<Coprocess>> Coprocess::start(std::vector<std::string> argv,
                                                    std::shared_ptr<Reaper> reaper) {
  if (!reaper) {
    reaper = make_own_reaper();
  }
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorKind::io, "socket",
                fmt::format("cannot make a socket for {}: {}", argv.front(), std::strerror(errno)));
  }
  const ChildSpec child{.argv = argv, .input = ends[1], .output = ends[1], .error = ends[1]};
  const auto pid = reaper->start([&child] { return start_child(child); });
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
  // Output that the call before left unread.
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
      // A failure is ignored: a child that has ended closes the stream, and its words are read
      // first.
      input.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
  }
}

}  // namespace podplay
