// The commands about the program itself: its version, its settings and the shells' completion. They
// need neither a pod nor a network.
#include <fmt/format.h>

#include "base/print.hpp"
#include "cli/invocation.hpp"
#include "cli/show/exit_code.hpp"
#include "model/settings.hpp"

namespace podplay::cli {

int run_version(const Invocation& invocation) {
  print_text(invocation.world.out, "podplay " PODPLAY_VERSION "\n");
  return 0;
}

int run_settings_doc(const Invocation& invocation) {
  print_text(invocation.world.out, settings_markdown());
  return 0;
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
  print_text(invocation.world.out, script);
  return 0;
}

}  // namespace podplay::cli
