// The replica of the directory: how far it is, and whether its file is sound. The whole file is
// read for that, so a large one is looked at only when something is wrong already.
#include <filesystem>

#include "agent/evidence/sections.hpp"
#include "agent/replica/check.hpp"

namespace podplay::agent {
namespace {

constexpr std::uintmax_t kQuickToRead = 32U << 20;

}  // namespace

nlohmann::json collect_directory(const EvidenceTools& tools) {
  if (!tools.service.has_directory) {
    return nullptr;
  }
  const std::string path = tools.state + "/replica/replica.db";
  const FeedPosition position = tools.board.position();
  nlohmann::json directory{
      {"path", path}, {"seq", position.seq}, {"synced", tools.board.synced()}, {"damage", ""}};
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    directory["missing"] = error.message();
    return directory;
  }
  directory["bytes"] = size;
  if (size <= kQuickToRead || tools.checks) {
    if (const Status sound = check_database(path); !sound) {
      directory["damage"] = sound.error().message;
    }
  }
  return directory;
}

}  // namespace podplay::agent
