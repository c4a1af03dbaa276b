// Files as an interface with two implementations: the real file system, and the one of the tests.
// Paths are absolute. Every error names the path, the operation and errno's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay {

struct FileOwner {
  // Empty leaves it unchanged.
  std::string user;
  // Empty leaves it unchanged.
  std::string group;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::string> read(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // Replaces the file as a whole: after a crash the old or the new content is there. The parent
  // folder must exist.
  virtual Status write_atomic(const std::string& path, std::string_view content,
                              unsigned mode = 0644, const FileOwner& owner = {}) = 0;
  // A new file, not synced: for many files that sync_volume() makes durable together.
  virtual Status write_new(const std::string& path, std::string_view content, unsigned mode = 0644,
                           const FileOwner& owner = {}) = 0;
  // Everything that was written to the file system of `path` is on disk afterwards.
  virtual Status sync_volume(const std::string& path) = 0;
  virtual Status make_dirs(const std::string& path, unsigned mode = 0755) = 0;
  // The names in a folder, sorted, without those below its folders.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  // Every regular file below `path`, as relative paths, sorted.
  virtual Result<std::vector<std::string>> list_tree(const std::string& path) = 0;
  // Makes `link` point to `target` in one rename.
  virtual Status swap_link(const std::string& target, const std::string& link) = 0;
  // Makes `link` point to `target`, unless something has that name already.
  virtual Status add_link(const std::string& target, const std::string& link) = 0;
  virtual Result<std::string> read_link(const std::string& link) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // Removes a file or a folder with all below it. A path that does not exist counts as removed.
  virtual Status remove_tree(const std::string& path) = 0;
};

class RealFiles final : public Files {
 public:
  Result<std::string> read(const std::string& path) override;
  bool exists(const std::string& path) override;
  Status write_atomic(const std::string& path, std::string_view content, unsigned mode,
                      const FileOwner& owner) override;
  Status write_new(const std::string& path, std::string_view content, unsigned mode,
                   const FileOwner& owner) override;
  Status sync_volume(const std::string& path) override;
  Status make_dirs(const std::string& path, unsigned mode) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::vector<std::string>> list_tree(const std::string& path) override;
  Status swap_link(const std::string& target, const std::string& link) override;
  Status add_link(const std::string& target, const std::string& link) override;
  Result<std::string> read_link(const std::string& link) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove_tree(const std::string& path) override;
};

// A unified diff of two texts with three lines of context; empty when they are equal. `label` names
// the file in its heading.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view label);

}  // namespace podplay
