// Reads in the rhythm of supervise/supervisor.cpp: at once, then what has gathered in 10 ms.
#include "agent/logging/wrap.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "daemons/daemon.hpp"
#include "logs/log_files.hpp"
#include "supervise/line_log.hpp"

namespace podplay::agent {
namespace {

constexpr std::chrono::milliseconds kGather{10};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int wrap_lines(const WrapOptions& options) {
  const auto description = daemons::describe_service(options.service);
  const auto daemon = std::ranges::find_if(
      description.daemons, [&](const auto& one) { return one->name() == options.daemon; });
  if (daemon == description.daemons.end()) {
    fmt::print(stderr, "podplay-agent: {} has no daemon {}\n", to_text(options.service),
               options.daemon);
    return 2;
  }
  const auto out = make_stdout_sink();
  logs::LogFiles files({.root = options.logs},
                       Logger({out}, "agent.logs", Level::info, options.format));
  const std::string service(to_text(options.service));
  supervise::LineLogOptions wanted{.service = service, .daemon = options.daemon, .sinks = {out}};
  wanted.file = [&](const std::string& name) { return files.file(service + "/" + name); };
  wanted.format = options.format;
  wanted.read_line = (*daemon)->process().read_line;
  supervise::LineLog log(std::move(wanted));
  std::vector<char> buffer(32768);
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got <= 0) {
      break;
    }
    log.feed({buffer.data(), static_cast<std::size_t>(got)});
    if (got < static_cast<ssize_t>(buffer.size())) {
      std::this_thread::sleep_for(kGather);
    }
  }
  log.end();
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  fmt::print(stderr,
             R"({{"lines":{},"user_s":{:.3f},"system_s":{:.3f}}})"
             "\n",
             log.lines(), seconds_of(used.ru_utime), seconds_of(used.ru_stime));
  return 0;
}

}  // namespace podplay::agent
