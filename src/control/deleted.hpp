// Deleted mail and deleted web sites: kept for some days by the agent that put them aside, listed,
// restored or erased until then. One code for both; what differs is a row of a table.
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
  // With which it was deleted.
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
// Begins a job that brings it back. `target` is the mailbox or site that gets it. It is named by
// whoever asks, since an address may be another person's now.
Result<Job> restore_deleted(Context& context, const Actor& actor, DeletedKind kind,
                            const std::string& id, const std::string& target);
// At once and for good.
Status erase_deleted(Context& context, const Actor& actor, DeletedKind kind, const std::string& id);

// The jobs. The subject of a restore is "FOLDER to TARGET".
Status restore_mail(Context& context, JobRun& run);
Status restore_site(Context& context, JobRun& run);
Status erase_old_mail(Context& context, JobRun& run);
Status erase_old_sites(Context& context, JobRun& run);

}  // namespace podplay::control
