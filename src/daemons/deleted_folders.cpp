// The folders belong to unprivileged users, and the agent is root. So names come from a listing or
// are checked to be one plain name, links are never followed, and folders are removed by
// std::filesystem, which opens them by descriptor.
#include "daemons/deleted_folders.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/json_text.hpp"
#include "base/numbers.hpp"

namespace podplay::daemons {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

// Hidden from the list.
constexpr std::string_view kErasing = ".erasing-";
// Of a file's name, in octets (NAME_MAX of Linux). An address has up to 254.
constexpr std::size_t kLongestName = 255;
// Begins the name of a folder that holds the folders of one revision whose names are too long.
constexpr char kHolder = '~';
// With this limit, the command answers long before the control plane gives up waiting.
constexpr std::chrono::seconds kEraseBudget{10};

std::unexpected<Error> file_error(const std::string& what, const std::string& path,
                                  const std::error_code& error) {
  return fail(ErrorKind::io, "file", fmt::format("cannot {} {}: {}", what, path, error.message()),
              error == std::errc::read_only_file_system ? "mount a writable volume there" : "");
}

// When the folder was renamed last; nothing for a link or a file.
std::optional<WallTime> put_aside_at(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return std::nullopt;
  }
  return WallTime(std::chrono::seconds(info.st_ctim.tv_sec) +
                  std::chrono::milliseconds(info.st_ctim.tv_nsec / 1'000'000));
}

Result<std::vector<std::string>> names_below(const std::string& root) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator at(root, error);
  if (error == std::errc::no_such_file_or_directory) {
    return names;
  }
  for (const fs::directory_iterator end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) {
    return file_error("list", root, error);
  }
  return names;
}

Status remove_all(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) {
    return file_error("erase", path, error);
  }
  return {};
}

Json to_json(const DeletedFolders& folders, const DeletedFolder& folder) {
  return {{"folder", folder.folder},
          {"name", folder.name},
          {"revision", folder.revision},
          {"deleted", to_millis(folder.deleted)},
          {"bytes", folders.bytes(folder)}};
}

std::int64_t number(const Json& arguments, const char* name, std::int64_t otherwise) {
  const auto found = arguments.find(name);
  return found != arguments.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                                : otherwise;
}

std::string text(const Json& arguments, const char* name) {
  const auto found = arguments.find(name);
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<std::string> list_verb(const DeletedFolders& folders, const Json& arguments) {
  if (const std::string one = text(arguments, "folder"); !one.empty()) {
    TRY(const auto found, folders.find(one));
    return json_text(Json{{"folders", Json::array({to_json(folders, found)})}, {"total", 1}});
  }
  TRY(const auto all, folders.list());
  const auto total = static_cast<std::int64_t>(all.size());
  const std::int64_t from = std::clamp<std::int64_t>(number(arguments, "offset", 0), 0, total);
  const std::int64_t count =
      std::clamp<std::int64_t>(number(arguments, "limit", 50), 0, total - from);
  Json page = Json::array();
  for (std::int64_t i = from; i < from + count; ++i) {
    page.push_back(to_json(folders, all[static_cast<std::size_t>(i)]));
  }
  return json_text(Json{{"folders", std::move(page)}, {"total", total}});
}

Result<std::string> erase_verb(const DeletedFolders& folders, const Json& arguments) {
  if (const std::string one = text(arguments, "folder"); !one.empty()) {
    TRY(const auto found, folders.find(one));
    TRY(folders.erase(found));
    return json_text(Json{{"erased", 1}, {"more", false}});
  }
  const std::int64_t older_than = number(arguments, "older_than", -1);
  if (older_than < 0) {
    return fail(ErrorKind::invalid, "bad_message", "erasing needs a folder or a time");
  }
  TRY(const auto erased, folders.erase_older(from_millis(older_than), kEraseBudget));
  return json_text(Json{{"erased", erased.folders}, {"more", erased.more}});
}

// The ids of the folders in a holder, "~42"; that of the folder itself for any other name.
Result<std::vector<std::string>> ids_of(const std::string& root, const std::string& name) {
  if (!name.starts_with(kHolder) || !parse_number<Revision>(name.substr(1))) {
    return std::vector{name};
  }
  TRY(auto names, names_below(fmt::format("{}/{}", root, name)));
  for (std::string& one : names) {
    one += "-" + name.substr(1);
  }
  return names;
}

}  // namespace

std::string deleted_path(const std::string& root, const std::string& name,
                         std::string_view revision) {
  if (name.size() + 1 + revision.size() <= kLongestName) {
    return fmt::format("{}/{}-{}", root, name, revision);
  }
  return fmt::format("{}/{}{}/{}", root, kHolder, revision, name);
}

std::optional<DeletedFolder> parse_deleted_folder(std::string_view folder) {
  const std::size_t dash = folder.rfind('-');
  if (dash == folder.npos || dash == 0 || folder.front() == '.' ||
      folder.find('/') != folder.npos) {
    return std::nullopt;
  }
  const auto revision = parse_number<Revision>(folder.substr(dash + 1));
  if (!revision) {
    return std::nullopt;
  }
  DeletedFolder parsed;
  parsed.folder = folder;
  parsed.name = folder.substr(0, dash);
  parsed.revision = *revision;
  return parsed;
}

Result<std::vector<DeletedFolder>> DeletedFolders::list() const {
  TRY(const auto names, names_below(root_));
  std::vector<DeletedFolder> folders;
  for (const std::string& name : names) {
    TRY(const auto ids, ids_of(root_, name));
    for (const std::string& id : ids) {
      auto parsed = parse_deleted_folder(id);
      const auto at = parsed ? put_aside_at(path_of(*parsed)) : std::nullopt;
      if (at) {
        parsed->deleted = *at;
        folders.push_back(std::move(*parsed));
      }
    }
  }
  std::ranges::sort(folders, [](const DeletedFolder& a, const DeletedFolder& b) {
    return a.deleted != b.deleted ? a.deleted > b.deleted : a.folder < b.folder;
  });
  return folders;
}

Result<DeletedFolder> DeletedFolders::find(const std::string& folder) const {
  auto parsed = parse_deleted_folder(folder);
  const auto at = parsed ? put_aside_at(path_of(*parsed)) : std::nullopt;
  if (!at) {
    return fail(ErrorKind::not_found, "folder_unknown",
                fmt::format("there is no deleted folder '{}'", folder.substr(0, 300)),
                "it may have been restored or erased already; list the deleted folders");
  }
  parsed->deleted = *at;
  return std::move(*parsed);
}

std::int64_t DeletedFolders::bytes(const DeletedFolder& folder) const {
  std::int64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(path_of(folder), error), end; !error && at != end;
       at.increment(error)) {
    std::error_code unknown;
    if (at->symlink_status(unknown).type() == fs::file_type::regular) {
      const auto size = at->file_size(unknown);
      sum += unknown ? 0 : static_cast<std::int64_t>(size);
    }
  }
  return sum;
}

Status DeletedFolders::erase(const DeletedFolder& folder) const {
  // Its own name may be too long. Folders are erased one after the other.
  const std::string hidden = fmt::format("{}/{}{}", root_, kErasing, folder.revision);
  const std::string path = path_of(folder);
  TRY(remove_all(hidden));
  if (::rename(path.c_str(), hidden.c_str()) != 0) {
    return file_error("erase", path, {errno, std::generic_category()});
  }
  if (const std::string holder = fs::path(path).parent_path().string(); holder != root_) {
    // Fails while it holds other folders.
    static_cast<void>(::rmdir(holder.c_str()));
  }
  return remove_all(hidden);
}

Result<DeletedFolders::Erased> DeletedFolders::erase_older(WallTime time,
                                                           std::chrono::milliseconds budget) const {
  const auto until = std::chrono::steady_clock::now() + budget;
  TRY(const auto names, names_below(root_));
  for (const std::string& name : names) {
    if (name.starts_with(kErasing)) {
      TRY(remove_all(root_ + "/" + name));
    }
  }
  TRY(const auto folders, list());
  Erased erased;
  for (const DeletedFolder& folder : folders) {
    if (folder.deleted >= time) {
      continue;
    }
    if (std::chrono::steady_clock::now() > until) {
      erased.more = true;
      break;
    }
    TRY(erase(folder));
    ++erased.folders;
  }
  return erased;
}

bool is_deleted_verb(std::string_view verb) {
  return verb == "deleted_list" || verb == "deleted_restore" || verb == "deleted_erase";
}

Result<std::string> run_deleted_verb(
    const DeletedFolders& folders, std::string_view verb, const Json& arguments,
    const std::function<Result<Json>(const DeletedFolder&)>& restore) {
  if (verb == "deleted_list") {
    return list_verb(folders, arguments);
  }
  if (verb == "deleted_erase") {
    return erase_verb(folders, arguments);
  }
  TRY(const auto found, folders.find(text(arguments, "folder")));
  TRY(const auto restored, restore(found));
  return json_text(restored);
}

}  // namespace podplay::daemons
