// Keeps each web site in a file of its own, outside of releases: one virtual host, which the main
// configuration includes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "daemons/row_files.hpp"
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
  std::string certificates = "/data/certificates";
  // Where candidates are checked; they leave no trace.
  std::string scratch = "/tmp";
};

// Used by one thread at a time.
class ApacheSites {
 public:
  explicit ApacheSites(SiteFolders folders = {});

  // Gives a verdict for each row. An unchanged site costs one read of its file and of its
  // certificate. The others are checked together.
  std::vector<RowVerdict> apply(RowTools& tools, std::span<const FeedRow> rows);
  // The row is served, or was refused: then the site is again as it was.
  Status settle(Files& files, const FeedRow& row, bool served);
  // The names of the site that its certificate covers, and its own name in any case.
  std::vector<std::string> covered_names(Files& files, const FeedRow& row) const;

  // Whether files have changed that Apache has not read yet.
  bool wait() const { return configurations_.wait(); }
  void reloaded() { configurations_.reloaded(); }

 private:
  RowVerdict drop(RowTools& tools, const FeedRow& row);
  Status move_root_aside(Files& files, const FeedRow& row) const;
  Result<std::string> render(const RowTools& tools, const FeedRow& row) const;

  // Constant after construction.
  const SiteFolders folders_;

  // Owned by the calling thread.
  RowFiles configurations_;
};

}  // namespace podplay::daemons
