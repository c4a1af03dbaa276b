// deploy/pod.yaml with the settings filled in. The file stays readable by Kubernetes: settings
// stand in two kinds of comments, which are explained at its top.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/settings.hpp"

namespace podplay::pod {

struct PublishedPort {
  // "mail"
  std::string container;
  // "smtp"
  std::string name;
  // PODPLAY_HOST_SMTP_PORT
  std::string setting;
  // On the host.
  std::string address;
  // On the host.
  int port = 0;
  bool udp = false;
};

struct Manifest {
  // The pod's name.
  std::string pod;
  // The Pod, followed by its ConfigMaps.
  std::string yaml;
  // The hash of the manifest, the Secret and the image ids; also the label podplay.inputs.
  std::string inputs;
  // In start order, without the init containers: "api", "bind", ...
  std::vector<std::string> containers;
  // "init"
  std::vector<std::string> init;
  // Each image once.
  std::vector<std::string> images;
  // The Kubernetes Secret that the Pod mounts; empty when no setting is one. It is kept apart from
  // `yaml`, since podman shows ConfigMaps to whoever may look at a container.
  std::string secret;
  // Volumes that are removed with the pod.
  std::vector<std::string> scratch;
  // Named volumes, which are never removed.
  std::vector<std::string> claims;
  std::vector<PublishedPort> ports;
};

// An Error `invalid` names the line of the manifest that is wrong.
Result<Manifest> fill_manifest(std::string_view text, const Settings& settings);

// Puts the hash of the manifest and of `image_ids` (name -> id) into it.
void seal_manifest(Manifest& manifest, const std::map<std::string, std::string>& image_ids);

// podman's secret with the settings that are secrets, and the volume that podman makes of it.
std::string secret_name(const std::string& pod);

// The ConfigMaps POD-settings, for the control plane, and POD-logging, for the agents. Neither has
// a secret in it.
std::string config_maps(const Settings& settings);

}  // namespace podplay::pod
