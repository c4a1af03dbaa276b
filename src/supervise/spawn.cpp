// The pipe of a daemon is large, because daemons write in bursts. Any user can open it by its name
// in /dev, because daemons open /dev/stdout after they have dropped root.
#include "supervise/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/child.hpp"

namespace podplay::supervise {
namespace {

// A burst of lines waits in the pipe while earlier ones are written.
constexpr int kPipeBytes = 256 << 10;

}  // namespace

Result<Spawned> spawn(const ProcessSpec& spec) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::io, "pipe",
                fmt::format("cannot make a pipe for {}: {}", spec.name, std::strerror(errno)));
  }
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  ::fcntl(ends[0], F_SETPIPE_SZ, kPipeBytes);
  // A daemon that has dropped root opens /dev/stdout, which is this pipe.
  ::fchmod(ends[1], 0666);
  if (!spec.pid_file.empty()) {
    ::unlink(spec.pid_file.c_str());
  }
  // A session of its own: Postfix's master insists on leading one, and the process group can be
  // signalled as a whole.
  const auto pid = start_child({.argv = spec.argv,
                                .environment = spec.environment,
                                .output = ends[1],
                                .error = ends[1],
                                .own_session = true});
  ::close(ends[1]);
  if (!pid) {
    ::close(ends[0]);
    return std::unexpected(pid.error());
  }
  return Spawned{.pid = *pid, .output = ends[0]};
}

}  // namespace podplay::supervise
