// The pod's life on this host: `podplay up`, `down`, `doctor` and what needs direct access. The
// only part of the CLI that does not speak HTTP; it drives podman. Everything it learns about the
// host comes through Lifecycle's members, so that tests can hand in another Runner and another root
// folder.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/runner.hpp"
#include "base/secret.hpp"
#include "model/settings.hpp"

namespace podplay::pod {

// What every lifecycle verb needs. `settings` are the checked PODPLAY_ settings of this process.
struct Lifecycle {
  const Settings& settings;
  Runner& runner;
  Clock& clock;
  // progress and results
  std::FILE* out = stdout;
  // `out` is a terminal: progress lines are rewritten in place
  bool terminal = false;
  // path of this program (argv[0] resolved); becomes the OCI runtime wrapper where needed
  std::string program;
  // deploy/pod.yaml; empty: found beside the program or in the source tree
  std::string manifest{};
  // where /proc, /sys and /etc are read
  std::string host_root = "/";
};

struct UpOptions {
  // also the debug container
  bool debug = false;
  // replace the pod even when nothing changed
  bool replace = false;
  // only say what would be done
  bool dry_run = false;
};

// Starts the pod, shows what it waits for and returns when every probe passed. An Error says which
// stage of which service failed with that daemon's own words (kind `refused`), or what on the host
// is in the way (`conflict`, `unavailable`). Does nothing when the pod already runs with the same
// inputs.
Status run_up(const Lifecycle& lifecycle, const UpOptions& options);
// Stops everything in order and removes the pod, never a volume. No pod: says so, still success.
Status run_down(const Lifecycle& lifecycle, bool dry_run);
// Waits until /readyz says ready (progress as `up`), without touching the pod.
Status run_wait(const Lifecycle& lifecycle);
// Says in plain words what this host is and what `up` does about it. An Error when the pod cannot
// run here.
Status run_doctor(const Lifecycle& lifecycle);
// The one-time secret of the state volume; `not_found` when it was used already, `unavailable` when
// the pod is not up.
Result<Secret> read_bootstrap_secret(const Lifecycle& lifecycle);
// `podplay podman ARGUMENTS...`: podman with what this host needs, on our terminal; the exit code
// is podman's.
int run_podman(const Lifecycle& lifecycle, const std::vector<std::string>& arguments);

// main() calls this first when the program's name is kRuntimeName: strips the resource limits that
// this host cannot set and execs the real OCI runtime. Returns only on failure, with an exit code.
inline constexpr const char* kRuntimeName = "podplay-oci-runtime";
int oci_runtime_main(int argc, char** argv);

}  // namespace podplay::pod
