// Whether a version on disk still is what its name says. Its name is the fingerprint of its leaf,
// and its files say some things twice, so that most damage can be undone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/certificates/versions.hpp"

namespace podplay::control {

struct VersionHealth {
  // Every file is there and is the version's.
  bool whole = false;
  // The names of files that are there and are not the version's.
  std::vector<std::string> strange;
  // Of a version that is not whole: what belongs into the files; nothing when the leaf, its chain
  // or its key is lost.
  std::optional<CertificateFiles> texts;
};

// A regular file, or one that a link leads to. Whatever else a person put there is not opened.
Result<std::string> read_small(Files& files, const std::string& path, std::uintmax_t most);

// `certificates`: the volume's folder. Only reads.
VersionHealth examine_version(Files& files, const std::string& certificates,
                              const CertificateRef& version);

}  // namespace podplay::control
