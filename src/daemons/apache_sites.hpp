// Keeps each web site in a file of its own, outside of releases: one virtual host, which the main
// configuration includes. A site that Apache's checker refuses is left out, so that it never holds
// up another.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "daemons/rows.hpp"

namespace podplay::daemons {

// Rendered for each site's row, not into the release.
inline constexpr std::string_view kSiteTemplate = "etc/apache2/site.conf";

struct SiteFolders {
  // <domain>.conf; included by apache2.conf.
  std::string configurations = "/data/service/sites";
  // The document roots: <domain>.
  std::string roots = "/data/user-data/www";
  // Where the root of a deleted domain goes: <domain>-<revision>.
  std::string deleted = "/data/user-data/deleted-sites";
  // Where candidates are checked; they leave no trace.
  std::string scratch = "/tmp";
};

// Used by one thread at a time.
class ApacheSites {
 public:
  explicit ApacheSites(SiteFolders folders = {});

  // Gives a verdict for each row. An unchanged site costs one read of its file. The others are
  // checked together, and in ever smaller groups only when the checker complains.
  std::vector<RowVerdict> apply(RowTools& tools, std::span<const FeedRow> rows);
  // Whether files have changed that Apache has not read yet.
  bool wait() const { return wait_; }
  void reloaded() { wait_ = false; }

 private:
  struct Candidate {
    std::size_t index = 0;
    std::string name;
    std::string text;
  };

  std::string file_of(const std::string& domain) const;
  RowVerdict drop(RowTools& tools, const FeedRow& row);
  Status move_root_aside(Files& files, const FeedRow& row) const;
  Result<std::string> render(const RowTools& tools, const FeedRow& row) const;
  // Puts those in place that the checker accepts.
  void check_and_put(RowTools& tools, std::span<const Candidate> candidates,
                     std::vector<RowVerdict>& verdicts);
  // The checker's words; empty when it accepts the candidates.
  Result<std::string> check(RowTools& tools, std::span<const Candidate> candidates) const;
  RowVerdict put(RowTools& tools, const Candidate& candidate);

  // Constant after construction.
  const SiteFolders folders_;

  // Owned by the calling thread.
  bool wait_ = false;
};

}  // namespace podplay::daemons
