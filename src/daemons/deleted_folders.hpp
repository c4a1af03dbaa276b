// The folders of deleted mailboxes or web sites, kept until they are restored or erased:
// NAME-REVISION below one folder; ~REVISION/NAME when that would be longer than a file's name may
// be. The list is read from the disk, so that nothing that takes room
// is overlooked.
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
  // "alice@example.test-42": its id in the API.
  std::string folder;
  // "alice@example.test"
  std::string name;
  // The revision with which it was deleted.
  Revision revision = 0;
  // When it was put aside: the folder's change time, which the rename set. No program can set it
  // back.
  WallTime deleted{};
};

// Where the folder of this name is put aside below `root`.
std::string deleted_path(const std::string& root, const std::string& name,
                         std::string_view revision);

// Reads NAME-REVISION; nothing for any other name.
std::optional<DeletedFolder> parse_deleted_folder(std::string_view folder);

// Holds no state but the path, so any thread may use it.
class DeletedFolders {
 public:
  explicit DeletedFolders(std::string root) : root_(std::move(root)) {}

  // Newest first.
  Result<std::vector<DeletedFolder>> list() const;
  // Fails with not_found when there is no such folder.
  Result<DeletedFolder> find(const std::string& folder) const;
  std::string path_of(const DeletedFolder& folder) const {
    return deleted_path(root_, folder.name, std::to_string(folder.revision));
  }
  // The sum of its files' sizes.
  std::int64_t bytes(const DeletedFolder& folder) const;

  // Takes the folder out of the list first, then erases it. A folder that a crash left half erased
  // is never restored.
  Status erase(const DeletedFolder& folder) const;
  struct Erased {
    std::int64_t folders = 0;
    // True when the time was over before all were erased.
    bool more = false;
  };
  // Erases the folders that were put aside before `time`, and those that were left half erased.
  // Begins no other folder after `budget`.
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
