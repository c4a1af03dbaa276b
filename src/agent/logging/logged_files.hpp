// Files whose changes are logged as a diff (PODPLAY_LOG_CONFIGS): for what rows are made into.
#pragma once

#include "base/files.hpp"
#include "base/log.hpp"

namespace podplay::agent {

// A diff for the log: at most 32 KiB of it, without secrets.
std::string shown_diff(const std::string& diff);

// Passes everything on to `files`. For any thread, as `files` is.
class LoggedFiles final : public Files {
 public:
  LoggedFiles(Files& files, Logger log) : files_(files), log_(std::move(log)) {}

  Result<std::string> read(const std::string& path) override { return files_.read(path); }
  bool exists(const std::string& path) override { return files_.exists(path); }
  // Logs what changes.
  Status write_atomic(const std::string& path, std::string_view content, unsigned mode,
                      const FileOwner& owner) override;
  Status write_new(const std::string& path, std::string_view content, unsigned mode,
                   const FileOwner& owner) override {
    return files_.write_new(path, content, mode, owner);
  }
  Status sync_volume(const std::string& path) override { return files_.sync_volume(path); }
  Status make_dirs(const std::string& path, unsigned mode) override {
    return files_.make_dirs(path, mode);
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return files_.list(path);
  }
  Result<std::vector<std::string>> list_tree(const std::string& path) override {
    return files_.list_tree(path);
  }
  Status swap_link(const std::string& target, const std::string& link) override {
    return files_.swap_link(target, link);
  }
  Status add_link(const std::string& target, const std::string& link) override {
    return files_.add_link(target, link);
  }
  Result<std::string> read_link(const std::string& link) override { return files_.read_link(link); }
  Status rename(const std::string& from, const std::string& to) override {
    return files_.rename(from, to);
  }
  Status remove_tree(const std::string& path) override { return files_.remove_tree(path); }

 private:
  Files& files_;
  const Logger log_;
};

}  // namespace podplay::agent
