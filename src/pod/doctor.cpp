// `podplay doctor` shows every finding about the host, then the ports. It changes nothing but the
// few files that podman needs on this host.
#include "pod/findings.hpp"
#include "pod/manifest_file.hpp"
#include "pod/podman.hpp"
#include "pod/ports.hpp"
#include "pod/say.hpp"

namespace podplay::pod {
namespace {

std::string_view mark(const Finding& finding) {
  if (finding.fatal) {
    return "[stop]";
  }
  return finding.action.empty() ? "[ok]  " : "[note]";
}

void say_finding(const Lifecycle& lifecycle, const Finding& finding) {
  say(lifecycle, "{} {}.", mark(finding), finding.fact);
  if (!finding.action.empty()) {
    say(lifecycle, "       -> {}", finding.action);
  }
}

}  // namespace

Status run_doctor(const Lifecycle& lifecycle) {
  const auto findings = find_all_needs(inspect_host(lifecycle), lifecycle.settings);
  for (const Finding& finding : findings) {
    say_finding(lifecycle, finding);
  }
  TRY(const auto manifest, load_manifest(lifecycle, false));
  TRY(stop_at(findings));
  TRY(const auto podman, Podman::open(lifecycle));
  TRY(const auto inputs, podman.pod_label(manifest.pod, "podplay.inputs"));
  if (inputs) {
    say(lifecycle, "[ok]   the pod {} exists and holds its own ports.", manifest.pod);
    return {};
  }
  TRY(check_ports(lifecycle.host_root, manifest));
  say(lifecycle, "[ok]   all {} ports of the pod are free.", manifest.ports.size());
  return {};
}

}  // namespace podplay::pod
