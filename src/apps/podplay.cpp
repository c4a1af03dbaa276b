// podplay, also installed as podplay-auth: the command line. This file only wires it together.
#ifdef PODPLAY_STATIC
#include <nss.h>
#endif

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "base/child.hpp"
#include "cli/cli.hpp"
#include "pod/oci_runtime.hpp"

namespace {

// A static program must not load the host's modules for looking names up, because they belong to
// another C library. Files and DNS are part of the program.
void look_up_names_without_modules() {
#ifdef PODPLAY_STATIC
  __nss_configure_lookup("hosts", "files dns");
  __nss_configure_lookup("passwd", "files");
  __nss_configure_lookup("group", "files");
#endif
}

}  // namespace

int main(int argc, char** argv) {
  using namespace podplay;
  look_up_names_without_modules();
  if (std::filesystem::path(argv[0]).filename() == pod::kRuntimeName) {
    return pod::oci_runtime_main(argc, argv);
  }
  std::signal(SIGPIPE, SIG_IGN);
  RealFiles files;
  SystemClock clock;
  ProcessRunner runner(silent_logger(), false);
  // Without /proc, the program is found by the name it was called with.
  std::error_code ignored;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
  cli::World world{.environment = process_environment(),
                   .files = files,
                   .runner = runner,
                   .clock = clock,
                   .program = program.empty() ? argv[0] : program};
  return cli::run(world, {argv + 1, argv + argc});
}
