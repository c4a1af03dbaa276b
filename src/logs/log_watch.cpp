// The files are listed again only when a folder changed: one that is new, renamed or removed
// changes it.
#include "logs/log_watch.hpp"

#include <sys/stat.h>

#include "logs/segment.hpp"

namespace podplay::logs {

LogWatch::LogWatch(std::vector<std::string> folders, std::string log)
    : folders_(std::move(folders)), log_(std::move(log)) {}

LogWatch::Mark LogWatch::mark_of(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) {
    return {};
  }
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {.inode = about.st_ino,
          .size = static_cast<std::uint64_t>(about.st_size),
          .time = (about.st_mtim.tv_sec * kNanoseconds) + about.st_mtim.tv_nsec};
}

void LogWatch::list_files() {
  std::map<std::string, Mark> files;
  for (const std::string& folder : folders_) {
    const auto segments = list_segments(folder);
    for (const Segment& segment : segments ? *segments : std::vector<Segment>()) {
      if (segment.time.empty() && (log_.empty() || segment.log == log_)) {
        const std::string path = folder + "/" + plain_name(segment);
        const auto known = file_marks_.find(path);
        files[path] = known == file_marks_.end() ? Mark() : known->second;
      }
    }
  }
  file_marks_ = std::move(files);
}

bool LogWatch::changed() {
  // A file that is new, renamed or removed changes its folder.
  bool folders_changed = !begun_;
  for (const std::string& folder : folders_) {
    const Mark mark = mark_of(folder);
    folders_changed = folders_changed || folder_marks_[folder] != mark;
    folder_marks_[folder] = mark;
  }
  if (folders_changed) {
    list_files();
  }
  bool files_changed = false;
  for (auto& [path, known] : file_marks_) {
    const Mark mark = mark_of(path);
    files_changed = files_changed || mark != known;
    known = mark;
  }
  begun_ = true;
  return folders_changed || files_changed;
}

}  // namespace podplay::logs
