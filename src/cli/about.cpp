// The commands about the program itself: its version, its settings and the shells' completion. They
// need neither a pod nor a network.
#include <fmt/format.h>

#include "cli/invocation.hpp"
#include "cli/show/exit_code.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

// Gives exit code 1 when the reader of the output has gone.
int print(World& world, const std::string& text) {
  return std::fputs(text.c_str(), world.out) < 0 ? 1 : 0;
}

}  // namespace

int run_version(const Invocation& invocation) {
  return print(invocation.world, "podplay " PODPLAY_VERSION "\n");
}

int run_settings_doc(const Invocation& invocation) {
  return print(invocation.world, settings_markdown());
}

int run_completion(const Invocation& invocation) {
  const std::string& shell = invocation.options.text("shell");
  const std::string script = completion_script(shell);
  if (script.empty()) {
    return report_error(invocation.world,
                        {.kind = ErrorKind::invalid,
                         .code = "bad_shell",
                         .message = fmt::format("there is no completion for '{}'", shell),
                         .remedy = "use bash, zsh or fish"});
  }
  return print(invocation.world, script);
}

}  // namespace podplay::cli
