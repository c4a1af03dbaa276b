// Files as an interface: the real file system, and a folder of the test's. Paths are absolute.
// Every error names the path, the operation and errno's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay {

struct FileOwner {
  // empty: unchanged
  std::string user;
  // empty: unchanged
  std::string group;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::string> read(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // Writes beside, fsyncs, renames over, fsyncs the folder. Parents must exist.
  virtual Status write_atomic(const std::string& path, std::string_view content,
                              unsigned mode = 0644, const FileOwner& owner = {}) = 0;
  // A new file, not synced: for many files that sync_volume() makes durable together.
  virtual Status write_new(const std::string& path, std::string_view content, unsigned mode = 0644,
                           const FileOwner& owner = {}) = 0;
  // Everything that was written to the file system of `path` is on disk afterwards.
  virtual Status sync_volume(const std::string& path) = 0;
  virtual Status make_dirs(const std::string& path, unsigned mode = 0755) = 0;
  // names, sorted; not recursive
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  // Every regular file below `path`, as relative paths, sorted.
  virtual Result<std::vector<std::string>> list_tree(const std::string& path) = 0;
  // Makes `link` point to `target` in one rename.
  virtual Status swap_link(const std::string& target, const std::string& link) = 0;
  virtual Result<std::string> read_link(const std::string& link) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // missing is fine
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
  Result<std::string> read_link(const std::string& link) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove_tree(const std::string& path) override;
};

// A unified diff of two texts, labelled; empty when they are equal. For dry runs and
// PODPLAY_LOG_CONFIGS.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view label);

}  // namespace podplay
