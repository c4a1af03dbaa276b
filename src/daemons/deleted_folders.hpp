// Folders of what was deleted, kept until they are restored or erased: NAME-REVISION below one
// folder, for mailboxes and for web sites alike. They are listed by what is on disk, so that
// nothing that takes room is overlooked.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/report.hpp"

namespace podplay::daemons {

struct DeletedFolder {
  // "alice@example.test-42": its name on disk, and its id in the API.
  std::string folder;
  // "alice@example.test"
  std::string name;
  // With which it was deleted.
  Revision revision = 0;
  // When it was put aside: the folder's change time, which a rename sets, and which nothing sets
  // back.
  WallTime deleted{};
};

// NAME-REVISION; nothing for what else may be there.
std::optional<DeletedFolder> parse_deleted_folder(std::string_view folder);

class DeletedFolders {
 public:
  explicit DeletedFolders(std::string root) : root_(std::move(root)) {}

  // Newest first.
  Result<std::vector<DeletedFolder>> list() const;
  // Fails with not_found when there is no such folder.
  Result<DeletedFolder> find(const std::string& folder) const;
  std::string path_of(const DeletedFolder& folder) const { return root_ + "/" + folder.folder; }
  // The sum of its files' sizes.
  std::int64_t bytes(const DeletedFolder& folder) const;

  // Out of the list first, then off the disk: what a crash leaves half erased is never restored.
  Status erase(const DeletedFolder& folder) const;
  struct Erased {
    std::int64_t folders = 0;
    // The time was over before all were erased.
    bool more = false;
  };
  // Those put aside before `time`, and what was left half erased; begins no other folder after
  // `budget`.
  Result<Erased> erase_older(WallTime time, std::chrono::milliseconds budget) const;

 private:
  const std::string root_;
};

// The three commands of the control plane (docs/pipe.md); `restore` is the service's own part of
// deleted_restore. JSON objects in and out.
bool is_deleted_verb(std::string_view verb);
Result<std::string> run_deleted_verb(
    const DeletedFolders& folders, std::string_view verb, const nlohmann::json& arguments,
    const std::function<Result<nlohmann::json>(const DeletedFolder&)>& restore);

}  // namespace podplay::daemons
