// Files that a daemon's main configuration includes: some for each row, outside of releases. What
// the daemon's checker refuses is left out, so that it never holds up another row. Until a row is
// seen to be served, what it replaced lies beside its files (".before", which nothing includes).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "daemons/rows.hpp"

namespace podplay::daemons {

// The files that a row wants, by their paths below the folder; an empty text: no such file.
struct RowFile {
  std::string path;
  std::string text;
};
struct RowCandidate {
  // The row's place among the verdicts.
  std::size_t index = 0;
  std::vector<RowFile> files;
};

// Used by one thread at a time.
class RowFiles {
 public:
  // The daemon's checker reads the candidates, which lie in `folder` as they would in the real one.
  // Gives its words; empty when it accepts them.
  using Check = std::function<Result<std::string>(RowTools& tools, const std::string& folder)>;
  // `scratch`: where candidates are checked; they leave no trace.
  RowFiles(std::string folder, std::string scratch, Check check);

  // Whether every file is there as the row wants it.
  bool holds(Files& files, const RowCandidate& candidate) const;
  // Puts those candidates in place that the checker accepts, and fills in their verdicts. All are
  // checked together, and in ever smaller groups only when the checker complains.
  void put(RowTools& tools, std::span<const RowCandidate> candidates,
           std::vector<RowVerdict>& verdicts);
  // Removes a row's files.
  Status drop(Files& files, std::span<const std::string> paths);
  // The row is served: what it replaced is forgotten. It is refused: what it replaced comes back.
  Status settle(Files& files, std::span<const std::string> paths, bool served);

  // Whether files have changed that the daemon has not read yet.
  bool wait() const { return wait_; }
  void reloaded() { wait_ = false; }

 private:
  std::string full(const std::string& path) const;
  Result<std::string> check(RowTools& tools, std::span<const RowCandidate> candidates) const;
  Status put_one(Files& files, const RowCandidate& candidate);
  Status write(Files& files, const RowFile& file);
  Status bring_back(Files& files, const std::string& path);

  // Constant after construction.
  const std::string folder_;
  const std::string scratch_;
  const Check check_;

  // Owned by the calling thread.
  bool wait_ = false;
};

}  // namespace podplay::daemons
