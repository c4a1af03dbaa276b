// Candidates: snapshots before they run. Rendering one and asking the daemons' own checkers touches
// nothing that runs, so it may happen while a change is under way.
#pragma once

#include <expected>
#include <mutex>
#include <string>
#include <vector>

#include "agent/pipe/releases.hpp"
#include "agent/pipe/step.hpp"
#include "base/files.hpp"
#include "base/runner.hpp"
#include "daemons/daemon.hpp"

namespace podplay::agent {

struct CandidateOptions {
  std::string templates = "/usr/share/podplay/templates";
  // Files that replace templates; the folder need not exist.
  std::string overrides = "/data/overrides";
  // Dry runs write their candidate below it, and remove it again.
  std::string scratch = "/tmp";
};

// The verdict of the renderer and the checkers on a candidate.
struct Verdict {
  bool ok = false;
  // Files that would be added, changed or removed.
  int files_changed = 0;
  // A unified diff against the current release.
  std::string diff;
  // The complaint of the checker that refused, or of the renderer.
  std::string words;
};

// For any thread.
class Candidates {
 public:
  struct Parts {
    const daemons::ServiceDescription& service;
    const Releases& releases;
    Runner& runner;
    Files& files;
  };
  Candidates(Parts parts, CandidateOptions options);

  // The image's templates with the overrides.
  Result<daemons::TemplateSet> load_templates() const;
  // Renders the files of all daemons, sorted by path.
  std::expected<std::vector<ReleaseFile>, Failure> render(const Snapshot& snapshot) const;
  // Runs every daemon's checker on the files below `folder`, until one refuses.
  Step check(const std::string& folder);
  // Renders and checks below `scratch`, and leaves no trace. An Error when it could not be tried.
  Result<Verdict> dry_run(const Snapshot& snapshot);
  // Only renders.
  Result<std::string> diff(const Snapshot& snapshot) const;

 private:
  Result<Verdict> check_files(const std::vector<ReleaseFile>& files, Verdict verdict);

  // Constant after construction.
  const Parts parts_;
  const CandidateOptions options_;

  // Held while checkers run: some of them keep files at fixed paths.
  std::mutex checking_;
};

}  // namespace podplay::agent
