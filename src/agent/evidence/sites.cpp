// The web sites' folders, by what Apache's user may do with them. Of very many, only some.
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "agent/evidence/rights.hpp"
#include "agent/evidence/sections.hpp"

namespace podplay::agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSites = "/data/service/sites";
constexpr const char* kRoots = "/data/user-data/www/";
constexpr std::size_t kMostSites = 300;
constexpr std::size_t kMostShown = 20;
// The files that a visitor asks for first.
constexpr std::size_t kMostFiles = 20;

struct SiteFault {
  bool missing = false;
  std::string words;
};

SiteFault site_fault(const std::string& root, const UserRights& reader) {
  struct stat info{};
  if (::stat(root.c_str(), &info) != 0) {
    return {.missing = errno == ENOENT, .words = fmt::format("{}: {}", root, std::strerror(errno))};
  }
  if (!S_ISDIR(info.st_mode) || !may(reader, info, 5)) {
    return {.words = fmt::format("{} is {}: www-data may not read it", root, describe_file(info))};
  }
  std::size_t looked = 0;
  std::error_code error;
  for (fs::directory_iterator at(root, error), end; !error && at != end && looked < kMostFiles;
       at.increment(error), ++looked) {
    struct stat file{};
    const std::string path = at->path().string();
    const bool hidden = at->path().filename().string().starts_with('.');
    if (hidden || ::stat(path.c_str(), &file) != 0) {
      continue;
    }
    if (!may(reader, file, S_ISDIR(file.st_mode) ? 5 : 4)) {
      return {.words =
                  fmt::format("{} is {}: www-data may not read it", path, describe_file(file))};
    }
  }
  return {};
}

}  // namespace

nlohmann::json collect_sites(const EvidenceTools& tools) {
  if (tools.service.service != ServiceName::apache) {
    return nullptr;
  }
  nlohmann::json faults = nlohmann::json::array();
  const auto reader = find_account("www-data");
  std::size_t looked = 0;
  std::error_code error;
  for (fs::directory_iterator at(kSites, error), end;
       reader && !error && at != end && looked < kMostSites && faults.size() < kMostShown;
       at.increment(error), ++looked) {
    if (at->path().extension() != ".conf") {
      continue;
    }
    const std::string domain = at->path().stem().string();
    const SiteFault fault = site_fault(kRoots + domain, *reader);
    if (!fault.words.empty()) {
      faults.push_back({{"domain", domain}, {"missing", fault.missing}, {"words", fault.words}});
    }
  }
  return {{"looked_at", looked}, {"faults", std::move(faults)}};
}

}  // namespace podplay::agent
