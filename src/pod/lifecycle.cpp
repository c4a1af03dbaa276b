// `podplay up`, `down` and `wait`. `up` checks everything first (host, images, ports), so that a
// failure leaves a running pod alone. Only then does it replace a pod that differs.
#include "pod/lifecycle.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "pod/findings.hpp"
#include "pod/manifest_file.hpp"
#include "pod/outbound_hint.hpp"
#include "pod/podman.hpp"
#include "pod/ports.hpp"
#include "pod/say.hpp"
#include "pod/stop.hpp"
#include "pod/wait.hpp"

namespace podplay::pod {
namespace {

using std::chrono::seconds;

double seconds_since(const Lifecycle& lifecycle, SteadyTime begun) {
  return std::chrono::duration<double>(lifecycle.clock.steady() - begun).count();
}

bool says_unknown(const std::string& words) {
  return words.find("image not known") != std::string::npos ||
         words.find("no such image") != std::string::npos ||
         words.find("No such image") != std::string::npos;
}

// Puts the images' ids into the manifest's hash. An Error names all images that are missing.
Status seal_with_images(const Lifecycle& lifecycle, const Podman& podman, Manifest& manifest) {
  std::map<std::string, std::string> ids;
  std::vector<std::string> missing;
  for (const std::string& image : manifest.images) {
    TRY(const auto outcome, podman.run({"image", "inspect", "--format", "{{.Id}}", image}));
    if (outcome.exit_code != 0 && !says_unknown(outcome.err)) {
      return fail(ErrorKind::io, "podman",
                  fmt::format("podman could not inspect the image {}: {}", image, outcome.words()),
                  "run " + our_command(lifecycle, "doctor"));
    }
    if (outcome.exit_code != 0) {
      missing.push_back(image);
    }
    // Only standard output: podman's warnings on standard error have the time in them.
    ids[image] = outcome.out;
  }
  if (!missing.empty()) {
    return fail(ErrorKind::not_found, "image_missing",
                fmt::format("missing images: {}", fmt::join(missing, ", ")),
                lifecycle.under_sudo ? "run `sudo make images`" : "run `make images`");
  }
  seal_manifest(manifest, ids);
  return {};
}

// Settings that are secrets reach the control plane as a file, so that `podman inspect` of its
// container does not show them. They go through a pipe and are never an argument.
Status put_secret(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  if (manifest.secret.empty()) {
    return {};
  }
  const std::string name = secret_name(manifest.pod);
  // Of a pod that went away in another way; there is mostly none.
  static_cast<void>(podman.run({"secret", "rm", name}));
  const auto made = lifecycle.runner.run({.argv = podman.argv({"secret", "create", name, "-"}),
                                          .input = manifest.secret,
                                          .environment = podman.plan().environment});
  if (!made || made->exit_code != 0) {
    return fail(ErrorKind::io, "podman",
                fmt::format("podman could not keep the secret {}: {}", name,
                            made ? made->words() : describe(made.error())),
                "run " + our_command(lifecycle, "doctor"));
  }
  return {};
}

Status play(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  TRY(put_secret(lifecycle, podman, manifest));
  const auto outcome = lifecycle.runner.run({.argv = podman.argv({"kube", "play", "-"}),
                                             .input = manifest.yaml,
                                             .environment = podman.plan().environment,
                                             .deadline = seconds(120)});
  if (outcome && outcome->exit_code == 0) {
    return {};
  }
  const std::string words = outcome ? outcome->words() : describe(outcome.error());
  for (const std::string& name : manifest.init) {
    const auto states = podman.states(manifest.pod, {name});
    if (!states || states->empty() ||
        (states->front().exit_code == 0 && states->front().restarts == 0)) {
      continue;
    }
    const std::string last = podman.last_words(manifest.pod + "-" + name, 3);
    // Otherwise podman would start it again forever.
    static_cast<void>(remove_pod(lifecycle, podman, manifest));
    return fail(
        ErrorKind::refused, "init_failed",
        fmt::format("the container {}-{}, which prepares the volumes, failed; its last words:\n{}",
                    manifest.pod, name, last),
        "fix the cause that they name, then run " + our_command(lifecycle, "up") + " again");
  }
  return fail(ErrorKind::io, "kube_play", "podman could not start the pod: " + words,
              "run " + our_command(lifecycle, "doctor"));
}

bool all_running(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  const auto states = podman.states(manifest.pod, manifest.containers);
  return states && states->size() == manifest.containers.size() &&
         std::ranges::all_of(*states, [&](const ContainerState& state) {
           return state.status == "running" && !is_gone(lifecycle, state);
         });
}

}  // namespace

std::string our_command(const Lifecycle& lifecycle, std::string_view words) {
  return fmt::format("`{}podplay {}`", lifecycle.under_sudo ? "sudo " : "", words);
}

Status run_up(const Lifecycle& lifecycle, const UpOptions& options) {
  const SteadyTime begun = lifecycle.clock.steady();
  TRY(auto manifest, load_manifest_to_start(lifecycle));
  TRY(stop_at(find_all_needs(inspect_host(lifecycle), lifecycle.settings)));
  TRY(const auto podman, Podman::open(lifecycle));
  TRY(seal_with_images(lifecycle, podman, manifest));
  TRY(const auto inputs, podman.pod_label(manifest.pod, "podplay.inputs"));
  if (inputs && *inputs == manifest.inputs && !options.replace &&
      all_running(lifecycle, podman, manifest)) {
    say(lifecycle, "The pod {} already runs with these settings and images: nothing to change.",
        manifest.pod);
    return wait_ready(lifecycle, podman, manifest, begun);
  }
  // This comes before the old pod is removed: a port that another program holds must not end the
  // running service.
  std::set<std::pair<int, bool>> held;
  if (inputs) {
    TRY(auto published, podman.published_ports(manifest.pod));
    held = std::move(published);
  }
  TRY(check_ports(lifecycle.host_root, manifest, held));
  if (options.dry_run) {
    say(lifecycle, "The pod {} would be {}; nothing was changed.", manifest.pod,
        inputs ? "replaced, because its settings or images differ or a container does not run"
               : "started");
    return {};
  }
  if (inputs) {
    say(lifecycle, "Replacing the pod {} (volumes stay) ...", manifest.pod);
    TRY(remove_pod(lifecycle, podman, manifest));
  }
  say(lifecycle, "Starting the pod {} ...", manifest.pod);
  TRY(play(lifecycle, podman, manifest));
  TRY(wait_ready(lifecycle, podman, manifest, lifecycle.clock.steady()));
  say(lifecycle, "Ready: every probe passed, {:.1f} s after the start.",
      seconds_since(lifecycle, begun));
  if (const std::string hint = outbound_hint(lifecycle.settings); !hint.empty()) {
    say(lifecycle, "{}", hint);
  }
  return {};
}

Status run_down(const Lifecycle& lifecycle, bool dry_run) {
  const SteadyTime begun = lifecycle.clock.steady();
  TRY(const auto manifest, load_manifest(lifecycle));
  TRY(const auto podman, Podman::open(lifecycle));
  TRY(const auto inputs, podman.pod_label(manifest.pod, "podplay.inputs"));
  if (!inputs) {
    say(lifecycle, "There is no pod {}{}: nothing to stop.", manifest.pod,
        !lifecycle.rootless ? "" : " of yours (for a pod of root's: sudo podplay down)");
    return {};
  }
  if (dry_run) {
    say(lifecycle,
        "The pod {} would be stopped and removed, its volumes would stay: {}. Nothing was changed.",
        manifest.pod, fmt::join(manifest.claims, ", "));
    return {};
  }
  TRY(remove_pod(lifecycle, podman, manifest));
  say(lifecycle, "The pod {} is down after {:.1f} s; its volumes stay: {}.", manifest.pod,
      seconds_since(lifecycle, begun), fmt::join(manifest.claims, ", "));
  return {};
}

Status run_wait(const Lifecycle& lifecycle) {
  TRY(const auto manifest, load_manifest(lifecycle));
  TRY(const auto podman, Podman::open(lifecycle));
  return wait_ready(lifecycle, podman, manifest, lifecycle.clock.steady());
}

}  // namespace podplay::pod
