// Looks at the folders of certificates that people write into (outside.hpp), within two seconds, in
// a thread of its own that gives way to all others.
#pragma once

#include <atomic>
#include <thread>

#include "control/certificates/folder_watch.hpp"
#include "control/context.hpp"

namespace podplay::control {

class OutsideWatch {
 public:
  explicit OutsideWatch(Context& context, FolderWatchOptions options = {});
  ~OutsideWatch() { stop(); }
  OutsideWatch(const OutsideWatch&) = delete;
  OutsideWatch& operator=(const OutsideWatch&) = delete;

  // Looks at all folders once, since somebody may have written while nobody watched.
  void start();
  void stop();

 private:
  void run();
  void look(const std::string& name);

  Context& context_;
  std::atomic<bool> stopping_ = false;
  // Owned by the thread, apart from its wake().
  FolderWatch watch_;
  std::thread thread_;
};

}  // namespace podplay::control
