// deploy/pod.yaml with the settings filled in. Works line by line on our own file, whose two kinds
// of comment are explained at its top, so that the file stays what Kubernetes reads.
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
  // on the host
  std::string address;
  // on the host
  int port = 0;
  bool udp = false;
};

struct Manifest {
  // its name
  std::string pod;
  // the Pod followed by its ConfigMaps
  std::string yaml;
  // hash of everything that makes this pod what it is; also the label podplay.inputs
  std::string inputs;
  // without the init containers, in start order: "api", "bind", ...
  std::vector<std::string> containers;
  // "init"
  std::vector<std::string> init;
  // each once
  std::vector<std::string> images;
  // volumes that go with the pod
  std::vector<std::string> scratch;
  // named volumes, never removed
  std::vector<std::string> claims;
  std::vector<PublishedPort> ports;
};

// An Error `invalid` names the line of the manifest that is wrong. `debug` keeps the blocks marked
// `#? debug`.
Result<Manifest> fill_manifest(std::string_view text, const Settings& settings, bool debug);

// Puts the hash of the manifest and of `image_ids` (name -> id) into it.
void seal_manifest(Manifest& manifest, const std::map<std::string, std::string>& image_ids);

// The ConfigMaps POD-settings (for the control plane) and POD-logging (for the agents).
std::string config_maps(const Settings& settings);

}  // namespace podplay::pod
