// Hosts for tests: facts about an ordinary one, and a folder that looks like /.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "pod/host.hpp"

namespace podplay::pod {

// Root on systemd, cgroups of version 2 and podman 5.
inline HostFacts ordinary_host() {
  HostFacts facts;
  facts.user = "root";
  facts.cgroups = Cgroups::v2;
  facts.init_name = "systemd";
  facts.podman_version = "5.4.2";
  facts.crun = "/usr/bin/crun";
  facts.run_folder = "/run/podplay";
  return facts;
}

class FakeRoot {
 public:
  FakeRoot() {
    std::string name = std::filesystem::temp_directory_path() / "podplay-host-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;
  ~FakeRoot() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text = "") const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(path_ / name); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace podplay::pod
