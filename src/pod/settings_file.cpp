// Reads podplay.env. All wrong lines are named at once, and no line of a wrong file is used.
#include "pod/settings_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

namespace podplay::pod {

namespace fs = std::filesystem;

std::optional<std::string> source_folder(const std::string& program) {
  for (fs::path folder = fs::path(program).parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    std::error_code error;
    if (fs::exists(folder / "deploy/pod.yaml", error)) {
      return folder.string();
    }
  }
  return std::nullopt;
}

Result<std::map<std::string, std::string>> with_settings_file(
    std::map<std::string, std::string> environment, const std::string& program, Files& files) {
  const auto named = environment.find("PODPLAY_SETTINGS_FILE");
  const auto folder = source_folder(program);
  std::string path = named == environment.end() ? "" : named->second;
  if (path.empty() && folder && files.exists(*folder + "/podplay.env")) {
    path = *folder + "/podplay.env";
  }
  if (path.empty()) {
    return environment;
  }
  TRY(const auto text, files.read(path));
  std::vector<Fault> faults;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
      line.pop_back();
    }
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!line.starts_with("PODPLAY_") || equals == line.npos) {
      faults.push_back({fmt::format("{}:{}", path, number), "bad_line", "the line is not a setting",
                        "write PODPLAY_NAME=value, without quotes"});
      continue;
    }
    // A value of the environment is not replaced.
    environment.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  return environment;
}

}  // namespace podplay::pod
