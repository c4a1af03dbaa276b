// The words are read here, since those of the command are not podplay's.
#include "pod/debug.hpp"

#include <fmt/format.h>

#include "base/print.hpp"
#include "cli/invocation.hpp"
#include "cli/pod_commands.hpp"
#include "cli/show/exit_code.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

constexpr const char* kUsage =
    "podplay debug [SERVICE] [-- COMMAND...]\n"
    "Starts the container POD-debug in the running pod and opens a shell, or runs the command.\n"
    "SERVICE (apache, bind, mail or api): also see its processes, and its files below "
    "/proc/1/root.\n"
    "The container is removed afterwards. docs/tools.md has examples.\n";

Result<pod::DebugOptions> read_words(const std::vector<std::string>& words) {
  pod::DebugOptions options;
  std::size_t at = 0;
  if (at < words.size() && words[at] != "--") {
    options.service = words[at++];
  }
  if (at < words.size() && words[at] != "--") {
    return fail(ErrorKind::invalid, "usage", fmt::format("'{}' is one word too many", words[at]),
                "write the command behind --: podplay debug mail -- ps aux");
  }
  if (at < words.size()) {
    options.command.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  }
  return options;
}

}  // namespace

int run_debug(const Invocation& invocation) {
  World& world = invocation.world;
  if (!invocation.words.empty() &&
      (invocation.words.front() == "--help" || invocation.words.front() == "-h")) {
    print_text(world.out, kUsage);
    return 0;
  }
  const auto options = read_words(invocation.words);
  if (!options) {
    return report_error(world, options.error());
  }
  const auto settings = effective_settings(world.environment);
  if (!settings) {
    return report_error(world, settings.error());
  }
  const auto code = pod::run_debug(pod_lifecycle(world, *settings), *options);
  return code ? *code : report_error(world, code.error());
}

}  // namespace podplay::cli
