// The settings of this host's pod in a file: NAME=value lines of PODPLAY_ variables beside the
// Makefile, so that a second `up`, a restart or a boot means the same pod. The environment comes
// first; the file is no other kind of setting.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"

namespace podplay::pod {

// The folder at or above `program` that holds deploy/pod.yaml, or nothing.
std::optional<std::string> source_folder(const std::string& program);

// `environment` with what PODPLAY_SETTINGS_FILE adds (default: podplay.env in the source folder,
// when it is there). An Error `invalid` names every line that is no setting, blank or comment.
Result<std::map<std::string, std::string>> with_settings_file(
    std::map<std::string, std::string> environment, const std::string& program, Files& files);

}  // namespace podplay::pod
