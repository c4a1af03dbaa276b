// podplay.env holds the settings of this host's pod, as PODPLAY_NAME=value lines in a file beside
// the Makefile, so that a second `up`, a restart or a boot starts the same pod. A variable of the
// environment wins over the file.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"

namespace podplay::pod {

// The nearest folder above `program` that holds deploy/pod.yaml, or nothing.
std::optional<std::string> source_folder(const std::string& program);

// Adds to `environment` the settings of the file that PODPLAY_SETTINGS_FILE names (default:
// podplay.env in the source folder, if it exists). An Error `invalid` names every line that is not
// a setting, a comment or blank.
Result<std::map<std::string, std::string>> with_settings_file(
    std::map<std::string, std::string> environment, const std::string& program, Files& files);

}  // namespace podplay::pod
