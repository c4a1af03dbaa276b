// The manifest that is given comes first, then the one of the source tree, then the installed one.
#include "pod/manifest_file.hpp"

#include <fmt/format.h>

#include "pod/outside_hosts.hpp"
#include "pod/settings_file.hpp"

namespace podplay::pod {
namespace {

constexpr const char* kInstalled = "/usr/share/podplay/pod.yaml";

Result<std::string> find_manifest(const Lifecycle& lifecycle) {
  if (!lifecycle.manifest.empty()) {
    return lifecycle.manifest;
  }
  if (const auto folder = source_folder(lifecycle.program)) {
    return *folder + "/deploy/pod.yaml";
  }
  if (lifecycle.files.exists(kInstalled)) {
    return std::string(kInstalled);
  }
  return fail(ErrorKind::not_found, "manifest",
              fmt::format("there is no deploy/pod.yaml in a folder above {}", lifecycle.program),
              "run podplay from its source tree");
}

}  // namespace

Result<Manifest> load_manifest(const Lifecycle& lifecycle) {
  TRY(const auto path, find_manifest(lifecycle));
  TRY(const auto text, lifecycle.files.read(path));
  return fill_manifest(text, lifecycle.settings);
}

Result<Manifest> load_manifest_to_start(const Lifecycle& lifecycle) {
  TRY(const auto path, find_manifest(lifecycle));
  TRY(auto text, lifecycle.files.read(path));
  TRY(const auto named, with_outside_hosts(std::move(text), lifecycle.settings));
  return fill_manifest(named, lifecycle.settings);
}

}  // namespace podplay::pod
