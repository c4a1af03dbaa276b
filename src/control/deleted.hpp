// Deleted mail and deleted web sites. The agent that put them aside keeps them for some days;
// during that time they can be listed, restored or erased. One code serves both; the differences
// are rows of a table.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"
#include "control/jobs/run.hpp"
#include "model/job.hpp"

namespace podplay::control {

enum class DeletedKind { mail, site };

struct DeletedItem {
  // "alice@example.test-42"
  std::string id;
  // The mailbox or domain that it was.
  std::string name;
  // The revision that deleted it.
  Revision revision = 0;
  WallTime deleted{};
  // When retention erases it.
  WallTime erased_after{};
  std::int64_t bytes = 0;
};

struct DeletedPage {
  std::vector<DeletedItem> items;
  // Of all pages.
  std::int64_t total = 0;
};

// Newest first, from the one at `offset`.
Result<DeletedPage> list_deleted(Context& context, const Actor& actor, DeletedKind kind,
                                 std::int64_t offset, std::int64_t limit);
// Adds a job that restores it into `target`, a mailbox or site. The caller must name the target,
// since the old address may be another person's now.
Result<Job> restore_deleted(Context& context, const Actor& actor, DeletedKind kind,
                            const std::string& id, const std::string& target);
// Erases it at once and forever.
Status erase_deleted(Context& context, const Actor& actor, DeletedKind kind, const std::string& id);

// The jobs. The subject of a restore is "FOLDER to TARGET".
Status restore_mail(Context& context, JobRun& run);
Status restore_site(Context& context, JobRun& run);
Status erase_old_mail(Context& context, JobRun& run);
Status erase_old_sites(Context& context, JobRun& run);

}  // namespace podplay::control
