// Notices who writes into the certificates' folders, by inotify(7): each folder is watched, and the
// folder of its version in use. An idle volume costs nothing. Where the system gives no more
// watches, the folders that are left over are looked at every two seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/log.hpp"

namespace podplay::control {

struct FolderWatchOptions {
  // Somebody who copies two files is done when nothing was written for so long.
  std::chrono::milliseconds quiet{1000};
  // A folder that is written into again and again is looked at after this time all the same.
  std::chrono::milliseconds longest{5000};
  std::chrono::milliseconds poll_period{2000};
  // Only tests lower it: more watches than these are never asked for.
  std::size_t most_watches = std::numeric_limits<std::size_t>::max();
};

// Belongs to one thread, apart from wake().
class FolderWatch {
 public:
  // `folder`: that of the certificates' folders.
  FolderWatch(Files& files, std::string folder, Logger log, FolderWatchOptions options = {});
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Begins to watch. Returns all names that have a folder.
  Result<std::vector<std::string>> begin();
  // Waits, at most `longest`, for names whose folders somebody wrote into.
  std::vector<std::string> wait(std::chrono::milliseconds longest);
  // The name is returned by wait() again after `delay`.
  void look_again(const std::string& name, std::chrono::milliseconds delay);
  // Ends a wait(). Any thread may call it.
  void wake();

  std::size_t watches() const { return watches_.size(); }
  std::size_t polled() const { return polled_.size(); }

 private:
  enum class Kind { root, name, version };
  struct Watch {
    Kind kind = Kind::root;
    // Empty for the root.
    std::string name{};
  };
  struct Due {
    SteadyTime first{};
    SteadyTime at{};
  };

  std::string folder_of(const std::string& name) const { return folder_ + "/" + name; }
  // -1: no watch is left, or none is possible.
  int add_watch(const std::string& path, std::uint32_t events, const Watch& watch);
  void follow(const std::string& name);
  void follow_version(const std::string& name);
  void forget(const std::string& name);
  void poll_instead(const std::string& name);
  void note(const std::string& name);
  // Follows names that are new, and forgets those that are gone.
  void compare_names();
  void read_events();
  void take(const Watch& watch, std::uint32_t events, const std::string& file);
  void poll_folders();
  // What changes when somebody writes there.
  std::string signature(const std::string& name);
  std::vector<std::string> take_due();
  int milliseconds_to_wait(std::chrono::milliseconds longest) const;

  // Constant after construction.
  Files& files_;
  const std::string folder_;
  const Logger log_;
  const FolderWatchOptions options_;

  int events_ = -1;
  int wake_ = -1;
  // False: new names are found by polling.
  bool root_watched_ = false;
  bool said_ = false;
  // By the watch's number.
  std::map<int, Watch> watches_;
  // The numbers of a name's watches: its folder's, and its version's or -1.
  std::map<std::string, std::pair<int, int>> numbers_;
  // The last signature of names without watches.
  std::map<std::string, std::string> polled_;
  SteadyTime next_poll_{};
  std::map<std::string, Due> due_;
};

}  // namespace podplay::control
