// Tells a run of a program that was stopped from one that ended otherwise: a file lies in the
// program's folder as long as it runs. Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"

namespace podplay {

class RunMark {
 public:
  // `path`: on a volume that outlives the container; its folder must exist at begin().
  RunMark(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

  // Call it when the program starts. Returns in one sentence why the run before ended, unless it
  // was stopped, or there was none.
  Result<std::optional<std::string>> begin();
  // The run ends because of this error, so that somebody must start the program again.
  Status end(const Error& reason);
  // The program was stopped.
  Status end();

 private:
  Files& files_;
  const std::string path_;
};

}  // namespace podplay
