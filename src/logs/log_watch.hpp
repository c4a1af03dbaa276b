// Tells whether lines were written since the last look, without reading any: a look costs a
// stat(2) for each current file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace podplay::logs {

class LogWatch {
 public:
  // `folders`: paths. Only the log `log` of each; empty: all.
  LogWatch(std::vector<std::string> folders, std::string log);
  // True at first.
  bool changed();

 private:
  // Inode, size and time of a file, or of a folder.
  struct Mark {
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t time = 0;
    bool operator==(const Mark&) const = default;
  };
  static Mark mark_of(const std::string& path);
  void list_files();

  const std::vector<std::string> folders_;
  const std::string log_;
  bool begun_ = false;
  std::map<std::string, Mark> folder_marks_;
  std::map<std::string, Mark> file_marks_;
};

}  // namespace podplay::logs
