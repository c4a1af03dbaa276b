// The pod's life on this host: `podplay up`, `down`, `wait`, `doctor`, and the commands that need
// direct access to its containers. Everything that this module learns about the host comes through
// Lifecycle's members, so that tests can hand in another Runner and another root folder.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/result.hpp"
#include "base/runner.hpp"
#include "base/secret.hpp"
#include "model/settings.hpp"
#include "pod/storage.hpp"

namespace podplay::pod {

// The things that every function here needs. Constant after construction.
struct Lifecycle {
  // The checked PODPLAY_ settings of this process.
  const Settings& settings;
  Files& files;
  Runner& runner;
  Clock& clock;
  // Progress and results are written here.
  std::FILE* out = stdout;
  // True when `out` is a terminal, where progress lines are rewritten in place.
  bool terminal = false;
  // The path of this program; it becomes the OCI runtime wrapper where one is needed.
  std::string program;
  // True when the pod is root's and an ordinary user called this program with sudo. Commands that
  // it tells people to run then need sudo as well.
  bool under_sudo = false;
  // The path of deploy/pod.yaml. When empty, the file is found in the source tree of the program or
  // in /usr/share/podplay.
  std::string manifest{};
  // The folder below which /proc, /sys and /etc are read.
  std::string host_root = "/";
  // True when podman runs as an ordinary user.
  bool rootless = ::geteuid() != 0;
  // The folders in which this user's podman keeps its files.
  UserFolders folders = user_folders();
};

struct UpOptions {
  // Replace the pod even when nothing has changed.
  bool replace = false;
  // Only say what would be done.
  bool dry_run = false;
};

// Starts the pod, shows what it waits for and returns when every probe has passed. Does nothing
// when the pod already runs with the same settings and images. An Error says which stage of which
// service failed, with that daemon's own words (`refused`), or what on the host is in the way
// (`conflict`, `unavailable`).
Status run_up(const Lifecycle& lifecycle, const UpOptions& options);

// Stops everything in order and removes the pod, never a volume. When there is no pod, says so and
// succeeds.
Status run_down(const Lifecycle& lifecycle, bool dry_run);

// Waits until the control plane says that everything is ready, and shows the same progress as
// run_up. Does not touch the pod.
Status run_wait(const Lifecycle& lifecycle);

// The one-time secret in the state volume. Fails with `not_found` when it was used already, and
// with `unavailable` when the pod is not up.
Result<Secret> read_bootstrap_secret(const Lifecycle& lifecycle);

// `podplay podman ARGUMENTS...`: podman as this host needs it, on our terminal. Returns podman's
// exit code.
int run_podman(const Lifecycle& lifecycle, const std::vector<std::string>& arguments);

// "`podplay up`", with sudo where the person needs it.
std::string our_command(const Lifecycle& lifecycle, std::string_view words);

}  // namespace podplay::pod
